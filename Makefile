# Everything runs in .venv, made from uv.lock; a target makes it if it is missing or older than the lock.

# uv from the path if it works (the shim of a version manager may not), else our own from PyPI.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
UV_VERSION := 0.13.9
# Python 3.10 from the path, else the one that uv finds or downloads.
PYTHON := $(shell python3.10 -c 'import sys; print(sys.executable)' 2>/dev/null || echo 3.10)
PYTEST_ARGS ?=

.PHONY: help setup run test lint types browser clean

help: ## Show the targets.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: .venv/.synced ## Make the environment (Python 3.10 and everything in uv.lock).

run: setup ## Simulate logs, train, judge, push and serve the default world; print the summary.
	@.venv/bin/coldcast run --config configs/default.yaml

# `python -m` puts this folder first on the path: a dependency brings a package `tests` of its own.
test: setup ## Run all tests, two files at a time; print the share of our lines that they run.
	@TF_CPP_MIN_LOG_LEVEL=3 .venv/bin/python -m pytest -n 2 --dist loadfile -p tests.coverage_report $(PYTEST_ARGS)

lint: setup ## Check style and formatting.
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

types: setup ## Check types.
	@.venv/bin/mypy

browser: ## Install what the tests of the report's page need: Chromium (Debian, as root) and axe-core (npm).
	@command -v chromium >/dev/null || apt-get install --yes --quiet chromium
	@npm install --silent --save-exact --no-fund --no-audit --prefix build/browser axe-core@4.14.1

clean: ## Remove the environment and everything that runs wrote.
	rm -rf .venv .uv work build

# Bytecode is compiled at install: without it every process compiles what it imports, 49 s instead of 16 s for TFX.
.venv/.synced: pyproject.toml uv.lock
	@echo "setting up .venv: about a minute, 4 GB"
	@$(UV) --version >/dev/null 2>&1 || PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --target .uv uv==$(UV_VERSION)
	@UV_COMPILE_BYTECODE=1 $(UV) sync --quiet --frozen --python $(PYTHON)
	@touch $@
