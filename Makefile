# `make serve` and `make test` do everything they need on a machine with Python >= 3.11; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help install assets serve test check lint unit clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
VENDOR := server/territoires/web/static/vendor

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

install: $(VENV)/.installed ## Make .venv and install the package in it, with the editor and the map where there is npm
	@$(BIN)/python -m frontend.build || true

assets: $(VENV)/.installed ## Make the query editor and the map with npm, or say why not
	@$(BIN)/python -m frontend.build

serve: install ## Serve the graph on http://127.0.0.1:$(PORT)
	@$(BIN)/territoires serve --port $(PORT)

test: install lint ## Run every check and test
	$(BIN)/pytest --numprocesses auto

lint: $(VENV)/.tools ## Format check, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.tools ## Run the quick tests only
	$(BIN)/pytest -m "not slow" tests/unit

check: $(VENV)/.installed ## Derive facts, judge the whole graph by its shapes, write the stamp that lets it be served at once
	$(BIN)/territoires build
	$(BIN)/territoires check --stamp

clean: ## Remove what the other targets made
	rm -rf $(VENV) $(VENDOR) node_modules dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .import_linter_cache

$(VENV)/.installed: pyproject.toml hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 …") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.tools: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
