# Two commands for a newcomer: make demo, make test. Python 3.11+ is all that must be there.
.DEFAULT_GOAL := help
ARGS ?=
PYTHON ?= python3
# uv from the path, or one of our own beside the checkout.
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)

# The demo and the tests start some hundred processes; without compiled modules each compiles all it imports again.
unexport PYTHONDONTWRITEBYTECODE

ROUNDS ?= 20
SEED ?= 1
MINUTES ?= 60
ENGINE ?= plain

.PHONY: help install demo test check bench chaos soak mutants clean

help: ## Show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.tools/bin/uv:
	@$(PYTHON) -m venv .tools
	@.tools/bin/pip install --quiet uv

install: | $(filter .tools/%,$(UV)) ## Bring the command lantaarn into .venv (then: . .venv/bin/activate)
	@$(UV) sync --quiet --inexact

demo: | $(filter .tools/%,$(UV)) ## Play seven months of a town through the real pipeline (ARGS=--json, --keep)
	@$(UV) run --quiet lantaarn demo $(ARGS)

test: | $(filter .tools/%,$(UV)) ## Run all tests, on real Kafka and a real registry (ARGS="-k crisis")
	@$(UV) run --quiet pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: | $(filter .tools/%,$(UV)) ## Format, lint, types, and who may import whom
	@$(UV) run --quiet ruff format --check
	@$(UV) run --quiet ruff check
	@$(UV) run --quiet mypy
	@$(UV) run --quiet lint-imports

bench: | $(filter .tools/%,$(UV)) ## Measure the engines, and others beside them, on this machine (ARGS="--quick --json")
	@$(UV) run --quiet python -m bench $(ARGS)

chaos: | $(filter .tools/%,$(UV)) ## Random faults under load, compared with the core (ROUNDS=100 SEED=7 ENGINE=plain)
	@$(UV) run --quiet python -m tests.chaos --rounds $(ROUNDS) --seed $(SEED) --engine $(ENGINE) $(ARGS)

soak: | $(filter .tools/%,$(UV)) ## Half load for a long time: is memory flat? (MINUTES=60 ENGINE=plain)
	@$(UV) run --quiet python -m bench.soak --minutes $(MINUTES) --engine $(ENGINE) $(ARGS)

mutants: | $(filter .tools/%,$(UV)) ## Change the core in thousands of ways: does a test fail? (ARGS=4 children)
	@$(UV) run --quiet --with 'mutmut==3.8.0' --with 'pytest<9.2' python -m tests.mutants $(ARGS)

clean: ## Remove what the demo and the tests leave behind
	rm -rf .lantaarn .mypy_cache .pytest_cache .ruff_cache .hypothesis
