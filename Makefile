# À Vous: everything a person types. `make help` lists it. Needs Python 3.11 or newer with venv and pip; the rest is installed into .venv,
# pinned and checked by hash. ARGS="…" is handed on: make demo ARGS="--speed 10", make test ARGS="tests/rules".

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --exclude-newer "7 days" $(ARGS)
# the extras of a server in a container: what its settings can ask for
IMAGE := charts notify otel parquet postgres push sso
SOURCES := server kiosk staff_app simulation avous
ARGS ?=
TEST_WORKERS ?= 2
# `make test` of one tree has one outcome: its chance starts from the tree's own hash. `make nightly` and a plain pytest take a new seed.
SEED ?= $(shell printf '%d' 0x$$(git rev-parse --short=7 HEAD^{tree} 2>/dev/null || echo 1))
CHANCE = AVOUS_SEED=$(SEED) $(BIN)/python -m pytest --randomly-seed=$(SEED) --hypothesis-seed=$(SEED)
# Two browsers and their servers on two cores are at times slower than any limit that still means something. What failed is run once more,
# with the machine to itself, the same seed and order; what fails again fails the run, and what did not is named: it is to be seen to.
FAILED := .pytest_cache/v/cache/lastfailed
OR_AGAIN = || { [ $$? -eq 1 ] && printf '\nFAILED ONCE, RUN AGAIN ALONE:\n' && cat $(FAILED) && $(CHANCE) --last-failed --last-failed-no-failures none --maxfail 3; }
# what drives a browser shares one between the tests of a file; what measures under load gets the machine for itself: each after the others
BROWSER := tests/browser tests/demo tests/faces
ALONE := tests/load

.DEFAULT_GOAL := help
.PHONY: help install install-dev demo test check format docs bench soak nightly sbom audit lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

install: $(VENV)/installed-project  ## install into .venv, so that .venv/bin/avous works

install-dev: install $(VENV)/installed-dev  # and what tests and checks need

demo: install  ## a store's day, live: kiosk, phones, staff app, board and a crowd of shoppers
	@$(BIN)/avous demo $(ARGS)

test: install-dev  ## all tests (browser tests need Chromium: on PATH, or AVOUS_CHROMIUM=/path/of/it)
	@$(BIN)/python -m tests.chromium
	@$(BIN)/python -m compileall -q $(SOURCES) tests  # once, not in each of the many servers that the tests start
ifeq ($(strip $(ARGS)),)
	@rm -rf $(FAILED)
	$(CHANCE) -n $(TEST_WORKERS) --dist loadgroup $(addprefix --ignore=,$(BROWSER) $(ALONE)) $(OR_AGAIN)
	$(CHANCE) -n $(TEST_WORKERS) --dist loadfile $(BROWSER) $(OR_AGAIN)
	$(CHANCE) $(ALONE) $(OR_AGAIN)
else
	$(CHANCE) $(ARGS)
endif

check: install-dev  ## lint, format, types, import contracts, house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q -p no:randomly tests/tidy

format: install-dev  ## let ruff sort and format what it can
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

docs: install-dev  ## write the generated pages of docs/reference again
	$(BIN)/python -m docs.generate

bench: install  ## how good and how fast: BENCH="waits" or any verb of `avous bench`
	$(BIN)/avous bench $(or $(BENCH),waits) $(ARGS)

soak: install-dev  ## the long run under twice the normal load
	$(BIN)/python -m pytest -m soak --timeout 7200 $(ARGS)

nightly: install-dev  ## every test, the long ones too
	$(BIN)/python -m pytest -m "not soak" --timeout 3600 $(ARGS)

sbom: install-dev  ## what a server is made of, as CycloneDX: sbom.json
	$(BIN)/cyclonedx-py requirements requirements-image.lock --of JSON -o sbom.json

audit: install-dev  ## known vulnerabilities of what a server is made of (asks the advisory database; fails where it cannot be asked)
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements-image.lock \
	  || { echo "not in order, or not asked about everything: PyPI's advisories have to be reachable" >&2; exit 1; }

lock: install-dev  ## resolve again into *.lock; ARGS=--upgrade takes the newest releases that are at least a week old
	$(LOCK) --group dev pyproject.toml -o requirements-dev.lock
	$(LOCK) --extra charts -c requirements-dev.lock pyproject.toml -o requirements.lock
	$(LOCK) $(addprefix --extra ,$(IMAGE)) -c requirements-dev.lock pyproject.toml -o requirements-image.lock
	$(LOCK) --group pyproject.toml:build -c requirements-dev.lock -o requirements-build.lock

clean:  ## remove what these targets made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find $(SOURCES) tests docs -name __pycache__ -type d -prune -exec rm -rf {} +

# --- how it is installed: stamps in .venv, written when a step has succeeded; an unchanged lock costs nothing

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "À Vous needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Try: make PYTHON=/path/of/python3.11 install" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "'$(PYTHON)' has no venv module (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/installed-run: $(VENV)/made requirements.lock requirements-build.lock
	@echo "installing into $(VENV) what requirements.lock names (the first time: about a minute)"
	@$(PIP) install --quiet --require-hashes -r requirements.lock -r requirements-build.lock
	@touch $@

$(VENV)/installed-dev: $(VENV)/made requirements-dev.lock
	@echo "installing into $(VENV) what the tests and checks need"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/installed-project: $(VENV)/installed-run pyproject.toml
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q $(SOURCES)
	@touch $@
