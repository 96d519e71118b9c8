# make film: set up and disguise the sample film.   make test: set up and pass the tests.
# make lint: only the checks that read the code.    make bench: measure; see bench/.    make clean: forget all of it.

VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet
RESULT := out/witness.veiled.mp4
CASE := out/witness.veil
# The first Python that runs and is new enough; name another with `make PYTHON=... film`.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.PHONY: film test lint bench clean

film: $(VENV)/.film
	@rm -rf $(RESULT) $(RESULT).part $(CASE)
	@mkdir -p out
	$(BIN)/veil disguise samples/witness.mp4 --subtitles samples/witness.srt -o $(RESULT) --case $(CASE)

test: lint
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# More words for the bench: make bench BENCH='--quick --clips DIR'. Voices: .venv/bin/python -m bench.voices --quick
bench: $(VENV)/.bench
	$(BIN)/python -m bench $(BENCH)

clean:
	rm -rf $(VENV) build dist *.egg-info out bench/out
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find veil tests bench tools -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Veil needs Python 3.11 or newer: install it, or name it with PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "could not make $(VENV): on Debian and Ubuntu, install python3-venv" >&2; \
	    rm -rf $(VENV); exit 1; }

# Stamps: nothing is installed again while pyproject.toml stays as it is.
$(VENV)/.film: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.film

# The peer wants a build of OpenCV that does not live beside Veil's, so it gets an environment of its own.
$(VENV)/.bench: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[bench]'
	@touch $(VENV)/.film
	test -x $(VENV)/peer/bin/python || $(BIN)/python -m venv $(VENV)/peer
	PIP_DISABLE_PIP_VERSION_CHECK=1 $(VENV)/peer/bin/python -m pip install --quiet 'deface==1.5.0' onnxruntime
	@touch $@
