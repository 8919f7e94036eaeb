"""The demonstration: seven months of a town through the real pipeline, in the deliveries' own time."""
