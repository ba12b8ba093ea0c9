# petsvet: `make help` describes each target.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test lint types fmt bench eval docs reading-model demo-model demo-model-eval clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.core: requirements.lock requirements-sense.lock packaging/venv.sh
	@sh packaging/venv.sh core "$(PYTHON)"

.venv/.dev: requirements-dev.lock .venv/.core
	@sh packaging/venv.sh dev "$(PYTHON)"

demo: .venv/.core ## a throwaway box with sample calls at https://localhost:8443 (ARGS=--once: print and end)
	@$(BIN)/petsvet demo $(ARGS)

test: .venv/.dev ## every test; installs what it needs (ARGS=… goes to pytest)
	@sh packaging/test-packages.sh
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

lint: .venv/.dev ## style, formatting and the directions of the house
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: .venv/.dev ## static types
	@$(BIN)/mypy

fmt: .venv/.dev ## format the code
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

eval: .venv/.core ## how well calls are read, on labelled transcripts
	@$(BIN)/petsvet eval $(ARGS)

reading-model: .venv/.core ## make the weights of the learned reader anew from tests/data
	@$(BIN)/python -m appliance.learning --write
	@$(BIN)/python -m appliance.learning_names --write

bench: .venv/.dev ## speed and memory: ratios within one run, medians
	@$(BIN)/python -m tests.bench $(ARGS)

docs: .venv/.dev ## check that every command and claim in the README holds
	@$(BIN)/python -m pytest -q tests/docs

.venv/.train: requirements-train.lock .venv/.dev
	@sh packaging/venv.sh train "$(PYTHON)"

demo-model: .venv/.train ## rebuild the demo speech model from its recipe (hours; ARGS=… goes to models.demo.build)
	@sh packaging/test-packages.sh
	@$(BIN)/python -m models.demo.build --work .cache/demo-model $(ARGS)

demo-model-eval: .venv/.dev ## word error rates of the demo speech model
	@sh packaging/test-packages.sh
	@$(BIN)/python -m models.demo.evaluate $(ARGS)

clean: ## remove everything that was made here
	@rm -rf .venv .demo .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
