# make help lists what can be made.

ROOT := $(dir $(realpath $(lastword $(MAKEFILE_LIST))))
VENV := $(ROOT).venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The first Python that is new enough, or else any, so that the message can name it.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && exit; done; command -v python3)
STUDY ?= $(ROOT)config/config.yaml
CORES ?= all

# A path is taken from the folder make was called in, also with `make -C`.
STUDY_FILE = $(or $(realpath $(STUDY)),$(realpath $(PWD)/$(STUDY)),$(STUDY))

.DEFAULT_GOAL := help
.PHONY: help run check test lint format bench explore notebooks example docs config-docs lock clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(ROOT)Makefile

run: $(READY)  ## run the pipeline on the example study, or on yours: make run STUDY=path/to/config.yaml
	@cd $(ROOT) && $(BIN)/rupture-outcome run "$(STUDY_FILE)" --cores $(CORES)

check: $(READY)  ## check a study and its config without running anything
	@cd $(ROOT) && $(BIN)/rupture-outcome check "$(STUDY_FILE)"

test: $(READY)  ## run all tests
	@cd $(ROOT) && $(BIN)/python -m tests.browser.chromium
	@cd $(ROOT) && $(BIN)/python -m pytest -n 2 --dist loadgroup --durations 10

lint: $(READY)  ## check style, types and workflow
	@cd $(ROOT) && $(BIN)/ruff check .
	@cd $(ROOT) && $(BIN)/ruff format --check .
	@cd $(ROOT) && $(BIN)/mypy
	@cd $(ROOT) && $(BIN)/snakefmt --check --compact-diff Snakefile workflow
	@cd $(ROOT) && $(BIN)/snakemake --lint

format: $(READY)  ## bring the code into the house style
	@cd $(ROOT) && $(BIN)/ruff check --fix . ; $(BIN)/ruff format . ; $(BIN)/snakefmt Snakefile workflow

bench: $(READY)  ## measure speed and memory, against peers where they are installed
	@cd $(ROOT) && for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

explore: run  ## open the notebooks in JupyterLab
	@cd $(ROOT) && $(BIN)/rupture-outcome explore "$(STUDY_FILE)"

notebooks: $(READY)  ## refresh the committed notebooks and README's figure from the example study
	@cd $(ROOT) && $(BIN)/rupture-outcome run config/config.yaml --cores $(CORES)
	@cd $(ROOT) && $(BIN)/python -m rupture_outcome.pages.notebooks notebooks results/example
	@cd $(ROOT) && cp results/example/figures/dropout_effects.svg docs/dropout_effects.svg

example: $(READY)  ## simulate the example study again (identical bytes)
	@cd $(ROOT) && $(BIN)/python -m rupture_outcome.simulation.simulate --out data/example

docs: $(READY)  ## write docs/definitions, docs/instruments.md and results/README.md from the code
	@cd $(ROOT) && $(BIN)/python -m rupture_outcome.pages.definitions docs/definitions
	@cd $(ROOT) && $(BIN)/python -m rupture_outcome.pages.questionnaires docs/instruments.md
	@cd $(ROOT) && $(BIN)/python -m rupture_outcome.pages.results_readme results/README.md

config-docs: $(READY)  ## write config/README.md from the config schema
	@cd $(ROOT) && $(BIN)/python -m rupture_outcome.pipeline.config config/README.md

lock: $(READY)  ## renew requirements.lock from pyproject.toml
	@cd $(ROOT) && $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
		--extra dev pyproject.toml --output-file requirements.lock

clean:  ## remove results, logs and caches, but not the environment
	@cd $(ROOT) && rm -rf .snakemake .pytest_cache .mypy_cache .ruff_cache .hypothesis logs
	@cd $(ROOT) && find results -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +

$(READY): $(ROOT)requirements.lock $(ROOT)pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python was not found. Install Python 3.11 or newer, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$("$(PYTHON)" --version 2>&1). Install a newer one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "Python's venv module is missing. On Debian or Ubuntu: sudo apt install python3-venv; elsewhere install a complete Python 3.11 or newer."; exit 1; }
	@echo "Setting up the environment in .venv (once; a few minutes)"
	@test -x $(BIN)/pip || "$(PYTHON)" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(ROOT)requirements.lock || { \
		echo "The packages could not be installed; pip says why above. Is there a network, or a package mirror set for pip? Then call make again."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable $(ROOT)
	@touch $(READY)
