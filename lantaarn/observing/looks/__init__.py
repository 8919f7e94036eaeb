"""Looks at what no process of the pipeline knows: each gives a frozen value, for the watch and for the status."""
