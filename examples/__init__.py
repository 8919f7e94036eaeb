"""An invented town, seven months of what its partners send, and the generator that wrote them."""
