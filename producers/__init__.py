"""Partner adapters: read what a partner has, map it to the contracts, publish it.

Source → mapping → outbox (SQLite) → Kafka. What cannot be mapped is named by line, field and reason.
"""
