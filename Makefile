# Two commands: `make run` and `make test`, and for in between `make quick`. Everything they need and cannot find they install, or name.
SHELL := /bin/bash
PYTHON ?= $(shell for v in 3.12 3.11 3.13; do python$$v -c 'import venv, ensurepip' 2>/dev/null && { command -v python$$v; exit; }; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
export PORT ?= 8000
export DEMO ?= 1

.PHONY: run test quick check bench format clean

run: $(VENV)/installed
	@deploy/system.sh run
	@$(BIN)/python deploy/start.py

test: $(VENV)/installed-dev
	@deploy/system.sh test
	@$(BIN)/python tests/run.py

# The checks and most tests, in under two minutes: without the browser, PostgreSQL and Redis, and what is `thorough`.
quick: $(VENV)/installed-dev
	@deploy/system.sh run
	@$(BIN)/python tests/run.py quick

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py draw_workflows --check
	$(BIN)/python manage.py trace_notice --quiet

bench: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.photographs
	@$(BIN)/python -m tests.bench.signing
	@$(BIN)/python -m tests.bench.archive

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@deploy/system.sh python "$(PYTHON)"
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/installed
