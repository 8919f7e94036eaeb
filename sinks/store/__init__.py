"""The case store: every version of every task, and how far the sink has come, in one database."""
