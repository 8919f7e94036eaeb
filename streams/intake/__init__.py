"""Intake: stateless; judges each record and addresses it to its household."""
