# make help lists what can be made.

# Paths reach the shell as variables of its environment, and targets are names only, so that no character of a
# folder's name matters. ROOT is the folder of this file, also with `make -f`.
export ROOT := $(shell cd -P "$$(dirname "$$(printf '%s' '$(subst ','\'',$(MAKEFILE_LIST))' | sed 's/^ *//')")" && pwd)
export CALLED_FROM := $(PWD)
export STUDY
export CORES ?= all
BIN := .venv/bin
# The first Python that is new enough, or else any, so that the message can name it.
export PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && exit; done; command -v python3)

# A study is taken from the folder make was called in, also with `make -C`, which adds a w to its flags; without a
# study it is the example.
FOLDERS := $(if $(findstring w,$(firstword -$(MAKEFLAGS)))$(findstring --no-print-directory,$(MAKEFLAGS)),"$$CALLED_FROM" "$$OLDPWD","$$OLDPWD" "$$CALLED_FROM")
FIND_STUDY = case "$$STUDY" in "") study=config/config.yaml ;; *) study=$$STUDY; for folder in $(FOLDERS); do \
	case "$$STUDY" in /*) ;; *) test -e "$$folder/$$STUDY" && { study=$$folder/$$STUDY; break; } ;; esac; done ;; esac

.DEFAULT_GOAL := help
.PHONY: help setup run check test lint format bench explore notebooks example docs config-docs lock clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' "$$ROOT/Makefile"

run: setup  ## run the pipeline on the example study, or on yours: make run STUDY=path/to/config.yaml
	@cd "$$ROOT" && $(FIND_STUDY) && $(BIN)/python -m rupture_outcome.pipeline.cli run "$$study" --cores "$$CORES"

check: setup  ## check a study and its config without running anything
	@cd "$$ROOT" && $(FIND_STUDY) && $(BIN)/python -m rupture_outcome.pipeline.cli check "$$study"

test: setup  ## run all tests
	@cd "$$ROOT" && $(BIN)/python -m tests.browser.chromium
	@cd "$$ROOT" && $(BIN)/python -m tests.unit.study.importing.postgresql
	@cd "$$ROOT" && $(BIN)/python -m pytest -n 2 --dist loadgroup --durations 10

lint: setup  ## check style, types and workflow
	@cd "$$ROOT" && $(BIN)/ruff check .
	@cd "$$ROOT" && $(BIN)/ruff format --check .
	@cd "$$ROOT" && $(BIN)/python -m mypy
	@cd "$$ROOT" && $(BIN)/snakefmt --check --compact-diff Snakefile workflow
	@cd "$$ROOT" && $(BIN)/python -m snakemake --lint

format: setup  ## bring the code into the house style
	@cd "$$ROOT" && $(BIN)/ruff check --fix . ; $(BIN)/ruff format . ; $(BIN)/snakefmt Snakefile workflow

bench: setup  ## measure speed and memory, against peers where they are installed
	@cd "$$ROOT" && for file in benchmarks/*.py; do $(BIN)/python "$$file" || exit 1; done

explore: run  ## open the notebooks in JupyterLab
	@cd "$$ROOT" && $(FIND_STUDY) && $(BIN)/python -m rupture_outcome.pipeline.cli explore "$$study"

notebooks: setup  ## refresh the committed notebooks and README's figure from the example study
	@cd "$$ROOT" && $(BIN)/python -m rupture_outcome.pipeline.cli run config/config.yaml --cores "$$CORES"
	@cd "$$ROOT" && $(BIN)/python -m rupture_outcome.pages.notebooks notebooks results/example
	@cd "$$ROOT" && cp results/example/figures/dropout_effects.svg docs/dropout_effects.svg

example: setup  ## simulate the example study again (identical bytes)
	@cd "$$ROOT" && $(BIN)/python -m rupture_outcome.simulation.simulate --out data/example

docs: setup  ## write docs/definitions, docs/instruments.md, docs/data-contract.md and results/README.md from the code
	@cd "$$ROOT" && $(BIN)/python -m rupture_outcome.pages.definitions docs/definitions
	@cd "$$ROOT" && $(BIN)/python -m rupture_outcome.pages.questionnaires docs/instruments.md
	@cd "$$ROOT" && $(BIN)/python -m rupture_outcome.pages.contract_page docs/data-contract.md
	@cd "$$ROOT" && $(BIN)/python -m rupture_outcome.pages.results_readme results/README.md

config-docs: setup  ## write config/README.md from the config schema
	@cd "$$ROOT" && $(BIN)/python -m rupture_outcome.pipeline.config config/README.md

lock: setup  ## renew requirements.lock from pyproject.toml
	@cd "$$ROOT" && $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
		--extra dev pyproject.toml --output-file requirements.lock

clean:  ## remove results, logs and caches, but not the environment
	@cd "$$ROOT" && rm -rf .snakemake .pytest_cache .mypy_cache .ruff_cache .hypothesis logs
	@cd "$$ROOT" && find results -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +

# Another environment, as in `make lint BIN=path/to/bin`, is taken as it is.
setup:
	@cd "$$ROOT" && { test "$(BIN)" != .venv/bin || \
		{ test .venv/.ready -nt requirements.lock && test .venv/.ready -nt pyproject.toml; } || $(MAKE) --no-print-directory .venv; }

.PHONY: .venv
.venv:
	@test -n "$$PYTHON" || { echo "Python was not found. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3"; exit 1; }
	@"$$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $$PYTHON is $$("$$PYTHON" --version 2>&1). Install a newer one, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@"$$PYTHON" -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "Python's venv module is missing. On Debian or Ubuntu: sudo apt install python3-venv; elsewhere install a complete Python 3.11 or newer."; exit 1; }
	@echo "Setting up the environment in .venv (once; a few minutes)"
	@test -x .venv/bin/pip || "$$PYTHON" -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock || { \
		echo "The packages could not be installed; pip says why above. Is there a network, or a package mirror set for pip? Then call make again."; exit 1; }
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch .venv/.ready
