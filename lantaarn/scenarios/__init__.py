"""Scenarios: small stories in files that a policy officer reads and writes; records and dates in, task out."""
