"""What is measured: each module makes its load, lets the contenders run and gives figures."""
