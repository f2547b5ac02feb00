# Everything here works on a fresh clone: the virtualenv makes itself.
.DEFAULT_GOAL := help
.PHONY: help demo test run check fix bench clients standalone clean

PYTHON ?= python3
BIN := .venv/bin
# Hundreds of processes are started, and each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
# Most tests wait most of the time: for processes, pages and clocks. In the order of
# their files, so that the browser's come first and each process starts one Chromium.
SPREAD := -n 4 --dist loadfile --no-loadscope-reorder
# What failed beside the others is tried once more by itself, both outcomes told: among
# thousands of tests of processes and pages, one meets a machine that stands still.
PYTEST := $(BIN)/python -m pytest
TEST = $(PYTEST) $(SPREAD) || { [ $$? -eq 1 ] && $(PYTEST) --last-failed; }

help:  ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: .venv/local  ## Try it: simulator, gateway and a first answer, no account needed
	@exec $(BIN)/python -m gswarm demo

run: .venv/local  ## Run the gateway
	@exec $(BIN)/python -m gswarm serve

test: .venv/dev  ## Run every test
	$(TEST)

check: .venv/dev  ## What CI runs: format, lint, types, import rules, tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/oxfmt --check frontend
	$(BIN)/oxlint frontend
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(TEST)

fix: .venv/dev  ## Format, and mend what the linter can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/oxfmt frontend

bench: .venv/dev  ## Measure
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.quota

clients: .venv/dev  ## Try real clients, offline: Claude Code, Codex, Gemini CLI, SDKs
	$(BIN)/python -m tests.clients $(addprefix --only ,$(ONLY))

standalone: .venv/dev  ## The whole program in one file: dist/gswarm-standalone.pyz
	rm -rf build/standalone
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile \
	  --target build/standalone -r requirements-local.txt
	cp -R app.py wsgi.py gunicorn.conf.py gswarm frontend build/standalone
	find build/standalone -name __pycache__ -prune -exec rm -r {} +
	mkdir -p dist
	$(BIN)/shiv --reproducible --site-packages build/standalone \
	  --entry-point gswarm.cli:main --output-file dist/gswarm-standalone.pyz

clean:  ## Remove everything that was made
	rm -rf .venv data dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "GSwarm needs Python 3.11 or newer; try: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/local: requirements.txt requirements-local.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-local.txt
	@touch $@

.venv/dev: requirements.txt requirements-local.txt requirements-dev.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/local
