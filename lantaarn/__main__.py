"""``python -m lantaarn``, for processes that start processes."""

from lantaarn.cli import main

if __name__ == "__main__":
    main()
