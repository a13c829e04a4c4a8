# Two commands for a newcomer: `make demo` and `make test`. Everything is installed into .venv from uv.lock.
SHELL := /bin/bash
UV := $(shell command -v uv 2>/dev/null || echo .venv/bin/uv)
RUN := .venv/bin/python
# Compiled once and kept: without that every process, and every test that starts one, compiles everything again.
unexport PYTHONDONTWRITEBYTECODE
# One more than there are cores: a test waits for servers as often as it computes.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.DEFAULT_GOAL := help
.PHONY: help setup demo up test proofs lint format bench shots clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: .venv/.ready ## Install everything the project needs into .venv

.venv/.ready: uv.lock pyproject.toml
	@command -v uv >/dev/null 2>&1 || test -x .venv/bin/uv || (python3 -m venv .venv && .venv/bin/python -m pip install --quiet uv)
	@$(UV) sync --frozen --inexact --compile-bytecode --quiet
	@touch $@

demo: setup ## Start everything and tell fictitious complaints through every step; stays up
	@$(RUN) starter.py demo $(ARGS)

up: setup ## Start the stack in the foreground (ARGS="--data DIR --port N --temporal-port N")
	@$(RUN) starter.py up $(ARGS)

test: setup ## Run all the tests
	@$(RUN) -m tests.support.browsers
	@$(RUN) -m pytest -q -n $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

proofs: setup ## Run the slow proofs (tests marked "proof")
	@$(RUN) -m pytest -q -m proof $(ARGS)

lint: setup ## Check style, types and layers
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

format: setup ## Put the code into its form
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: setup ## Measure speed as ratios against references, in one run
	@$(RUN) -m bench $(ARGS)

shots: setup ## Take pictures of every page (ARGS="FOLDER", ARGS="--docs" for those in docs/pictures)
	@$(RUN) -m tests.browser.shots $(ARGS)

clean: ## Remove what was set up and built (never a data folder)
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
