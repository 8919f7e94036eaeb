"""What a resident reads or hears: letters, calls, visits and the explanation of what was done with their data."""
