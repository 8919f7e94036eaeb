"""How the case store came to its present form, step by step.

A revision that has been released never changes. One that changes a table which a view reads drops the views of the
revision before it first and makes them again last: PostgreSQL refuses otherwise, and SQLite makes the table anew.
"""
