"""The batch engine: Faust that processes batches, with one transaction a batch. See docs/engine.md."""
