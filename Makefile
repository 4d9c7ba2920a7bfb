# `make help` lists the commands. Everything happens in .venv; nothing else of the machine changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.DEFAULT_GOAL := help
.PHONY: help up setup setup-dev test check fix bench images lock samples screenshots manifests clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: setup ## set everything up and run Lectern on this machine
	@$(BIN)/lectern up

setup: $(VENV)/.installed ## install what `lectern` needs into .venv

setup-dev: $(VENV)/.installed-dev

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Lectern needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements-web.lock pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements-web.lock
	$(PIP) --no-build-isolation -e .
	$(BIN)/python -m lectern.models.build
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

test: setup-dev ## run the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/chart tests/component tests/contract tests/unit
	$(BIN)/python -m pytest tests/e2e tests/images tests/web

check: setup-dev ## lint, types, import rules, formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: setup-dev ## format, and repair what can be repaired mechanically
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-dev ## measure speed against a floor, print JSON
	$(BIN)/python -m benchmarks

images: ## build the two container images; IMAGES="--tag 1.2 --base ..." (images/build.py --help)
	@$(PYTHON) images/build.py $(IMAGES)

samples: setup-dev ## write the sample documents anew
	$(BIN)/python samples/build.py

screenshots: setup-dev ## draw the pictures of docs/tour.md anew
	$(BIN)/python -m tests.web.screenshots

manifests: setup-dev ## write what follows from the chart: its table of values, knative/rendered
	$(BIN)/python chart/document.py
	$(BIN)/python -m knative.render

LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header
lock: setup-dev ## compile requirements*.lock from pyproject.toml
	$(LOCK) --extra accounts --extra agents --extra build --extra s3 --extra postgres --extra tracing -o requirements.lock
	$(LOCK) --extra accounts --extra agents --extra build --extra s3 --extra postgres --extra tracing --extra web \
		-c requirements.lock -o requirements-web.lock
	$(LOCK) --all-extras -c requirements-web.lock -o requirements-dev.lock

clean: ## remove .venv and caches; your data in .lectern stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
