"""Households: the Faust application that runs the core over household-events."""
