# Needs CPython 3.11 or newer with venv, and make; everything else is installed into .venv from pinned, hashed locks.
PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
LOCK := $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --quiet
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo setup test check format lock clean

help:
	@echo 'make demo    install, solve the district that comes with the program, say where plan, brief and map lie'
	@echo 'make test    install what the tests need and run every check and test'
	@echo 'make setup   install the program into .venv'
	@echo 'make check   style and types only'
	@echo 'make format  put the source into the one format'
	@echo 'make lock    resolve the pinned dependencies anew (needs uv)'
	@echo 'make clean   remove what was made here, .venv too; runs/ stays'

demo: setup
	$(BIN)/xuewei solve instances/binhe --students-only --scenario steady_state --out runs/demo --time-limit 120 --force
	$(BIN)/xuewei export runs/demo/steady_state --only brief --only map --force

setup: $(VENV)/installed

test: check
	$(BIN)/pytest -n 2

check: $(VENV)/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo 'Python 3.11 or newer is needed; name one with: make PYTHON=python3.12'; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	$(BIN)/python -m compileall -q cli.py models optimizer instances
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

lock:
	$(LOCK) --group build --output-file requirements.lock
	$(LOCK) --group dev --extra dask --extra parquet --extra pdf --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) build xuewei.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .numba_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
