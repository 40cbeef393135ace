# Two commands: `make run` and `make test`, and for in between `make quick`. Everything they need and cannot find they install, or name.
SHELL := /bin/bash
PYTHON ?= $(shell for v in 3.12 3.11 3.13; do python$$v -c 'import venv, ensurepip' 2>/dev/null && { command -v python$$v; exit; }; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
export PORT ?= 8000
export DEMO ?= 1

.PHONY: run test quick drills check bench format lock sbom clean

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

# The long form of tests/drills: processes killed, services stopped, races. Some twenty minutes; says what it measured.
drills: $(VENV)/installed-dev
	@deploy/system.sh test
	@$(BIN)/python tests/run.py drills

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

# What is installed is exactly what was locked, down to the bytes: a package that was altered on its way is refused.
$(VENV)/installed: deploy/locks/run.txt | $(VENV)/bin/python
	@echo "正在下载、安装所需的程序包（第一次要几分钟，视网络而定）……"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/installed-dev: deploy/locks/dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@ $(VENV)/installed

# After a change of requirements*.txt: everything that they bring, with the hashes of its files.
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
lock: $(VENV)/installed-dev
	$(LOCK) requirements.txt -o deploy/locks/run.txt
	$(LOCK) requirements-dev.txt -o deploy/locks/dev.txt

# What the system consists of (CycloneDX), for whoever asks: var/sbom.json.
sbom: $(VENV)/installed-dev
	@mkdir -p var
	$(BIN)/cyclonedx-py requirements deploy/locks/run.txt --output-reproducible --of JSON -o var/sbom.json
