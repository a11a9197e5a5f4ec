# Works on a fresh machine with Python 3.11 and make. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST ?= $(BIN)/pytest
MARKS ?= not look
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help report test lab bench fuzz docs lint lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*##  */  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

report: $(VENV)/installed  ## install, make the demonstration study if there is no data, build the report
	@$(BIN)/ge demo --if-missing
	@$(BIN)/ge build

test: $(VENV)/complete  ## run all tests that need no system package
	@$(PYTEST) -q -m "$(MARKS)"

lab: $(VENV)/installed  ## open JupyterLab on the notebooks
	@$(BIN)/ge lab

bench: $(VENV)/complete  ## print the table of speed ratios
	@$(BIN)/python -m bench

fuzz: $(VENV)/complete  ## read COUNT mutated workbooks (500), from SEED on (0)
	@RUST_BACKTRACE=0 $(BIN)/python -m tests.fuzz $(or $(COUNT),500) $(or $(SEED),0)

docs: $(VENV)/complete  ## write the generated pages of docs/ and params/schema/ again, and all of it as a website in site/
	@$(BIN)/python -m ge_analysis.handbook
	@$(BIN)/mkdocs build --quiet

lint: $(VENV)/complete  ## check style, types and the order of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

lock:  ## pin all dependencies again (needs uv)
	$(LOCK) --extra install -o requirements.lock pyproject.toml
	$(LOCK) --all-extras -c requirements.lock -o requirements-all.lock pyproject.toml

clean:  ## remove everything that was made, but not the raw data
	rm -rf data/processed/[0-9]* report/_build report/_output checks .ge

# what the report and JupyterLab need
$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	@# the lock's own pip first: it installs the rest in half the time of the one that Python 3.11 brings
	@sed -n '/^pip==/,/[^\\]$$/p' requirements.lock > $(VENV)/pip.lock
	$(PIP) --require-hashes -r $(VENV)/pip.lock
	$(PIP) --no-compile --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@# compiled by all cores, not by pip one after the other; a package may carry a file that is no Python 3
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib src || true
	@touch $@

# and what tests, checks of the code, docs, DVC and dask need
$(VENV)/complete: $(VENV)/installed requirements-all.lock
	$(PIP) --no-compile --require-hashes -r requirements-all.lock
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
	@touch $@
