"""The ledger: counts what was delivered, what is on the topics and what is in the case store, each by itself.

Every line a partner delivered ends in exactly one place, or is named here. Nothing is taken from the processes that
did the work: lines are counted from files, records from topics, tasks by the core run again, rows by a query.
"""

from lantaarn.reconcile.adapters import AdapterBooks
from lantaarn.reconcile.report import Finding, Report
from lantaarn.reconcile.run import reconcile

__all__ = ["AdapterBooks", "Finding", "Report", "reconcile"]
