"""Measures the pipeline on this machine. Figures are for comparison within one run, never a test's verdict."""
