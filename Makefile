# Shoreline. Each target works on a fresh clone, on a machine with Python 3.11 or newer (venv, pip) and make.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r
TESTS ?= tests
PROCESSES ?= 2

.PHONY: help run test check bench format pins french

help: ## Say what there is to make
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/make \1	\2/'

run: .venv/.for-running ## Serve Shoreline on http://127.0.0.1:5000 with a demo (PORT=5001 for another port)
	@$(BIN)/python app.py

test: .venv/.for-developing ## Run every test, on SQLite and PostgreSQL, and in a browser where Chromium is found
	$(BIN)/pytest -n $(PROCESSES) $(TESTS)

check: .venv/.for-developing ## Check style, types, imports, templates, pins, translations and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/mypy
	$(BIN)/python tools/in_step.py pins
	$(BIN)/python tools/in_step.py migrations
	$(BIN)/python tools/translations.py check

bench: .venv/.for-developing ## Measure the main pages, and the race for a shift's places, against bare routes and statements
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.signups

format: .venv/.for-developing ## Put the code into its format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

pins: .venv/.for-developing ## Write the pins again after a change of requirements.in or requirements-dev.in
	$(BIN)/python tools/in_step.py pins --write

french: .venv/.for-developing ## Put new strings into the French catalogue, and say how many wait
	$(BIN)/python tools/translations.py update

# The environment is made once, and its packages are installed again only when the pins change.
$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "Shoreline needs Python 3.11 or newer, with venv and pip." >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/.for-running: requirements.txt | $(BIN)/pip
	@echo "Installing what Shoreline needs into .venv (once) ..."
	@$(INSTALL) requirements.txt
	@touch $@

.venv/.for-developing: requirements-dev.txt | $(BIN)/pip
	@echo "Installing what tests and checks need into .venv (once) ..."
	@$(INSTALL) requirements-dev.txt
	@touch $@
