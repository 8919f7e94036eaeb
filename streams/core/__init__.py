"""The core: the rules as plain functions over frozen values. No Kafka, no clock, no I/O, no randomness."""
