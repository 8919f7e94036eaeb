"""The contracts: records, topics, codes, the wire format."""
