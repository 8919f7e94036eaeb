"""The programs that are compared, each a process of its own: ``python -m bench.contenders.NAME JOB``."""
