"""Why a task is as it is: the core run again over its household's events, and what it saw when it decided."""

from lantaarn.explain.run import Explanation, explain
from lantaarn.explain.said import Said
from lantaarn.explain.why import Ground

__all__ = ["Explanation", "Ground", "Said", "explain"]
