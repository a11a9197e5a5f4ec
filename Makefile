# Works on a fresh machine with Python 3.11 and make. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
QUIET := --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help report test lab bench fuzz docs lint lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*##  */  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

report: $(VENV)/installed  ## install, make the demonstration study if there is no data, build the report
	@$(BIN)/ge demo --if-missing
	@$(BIN)/ge build

test: $(VENV)/installed  ## run all tests that need no system package
	@$(BIN)/pytest -q -m "not look"

lab: $(VENV)/installed  ## open JupyterLab on the notebooks
	@$(BIN)/ge lab

bench: $(VENV)/installed  ## print the table of speed ratios
	@$(BIN)/python -m bench

fuzz: $(VENV)/installed  ## read COUNT mutated workbooks (500), from SEED on (0)
	@RUST_BACKTRACE=0 $(BIN)/python -m tests.fuzz $(or $(COUNT),500) $(or $(SEED),0)

docs: $(VENV)/installed  ## write the generated pages of docs/ again
	@$(BIN)/python -m ge_analysis.handbook

lint: $(VENV)/installed  ## check the style of the code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

lock:  ## pin all dependencies again (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --all-extras -o requirements.lock pyproject.toml

clean:  ## remove everything that was made, but not the raw data
	rm -rf data/processed/[0-9]* report/_build report/_output checks

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	@# the lock's own pip first: it installs the rest in half the time of the one that Python 3.11 brings
	@sed -n '/^pip==/,/[^\\]$$/p' requirements.lock > $(VENV)/pip.lock
	$(BIN)/python -m pip install $(QUIET) --require-hashes -r $(VENV)/pip.lock
	$(BIN)/python -m pip install $(QUIET) --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install $(QUIET) --no-deps --no-build-isolation -e .
	@# compiled by all cores, not by pip one after the other; a package may carry a file that is no Python 3
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib src || true
	@touch $@
