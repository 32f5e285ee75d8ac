# What `make help` lists are the targets below with the sentence after `##`.
# Written for GNU make 3.81, which is what macOS has.

# What is compiled once serves the hundreds of programs that tests start.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
PYTEST_ARGS ?=

SOURCES := $(wildcard orchestrator agents tools migrations tests bench hatch_build.py)
COMPILED := hatch_build.py $(wildcard orchestrator/media/fast_path.[ch])
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test static check bench screenshots lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.runtime ## Make the environment if need be, then serve http://127.0.0.1:8000
	@exec $(BIN)/orchestrator serve

# Tests of sockets, browsers and databases wait as long as they compute, so each core is given two workers; sound
# has to keep time, so there is one more than cores; what measures time is given the machine. The longest runs come
# first (tests/conftest.py).
CORES = $(shell getconf _NPROCESSORS_ONLN)
WORKERS = $(shell echo $$((2 * $(CORES))))
SOUND_WORKERS = $(shell echo $$(($(CORES) + 1)))

test: $(VENV)/.development ## Run the whole test suite on a real Postgres; PYTEST_ARGS choose a part of it
ifeq ($(strip $(PYTEST_ARGS)),)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not media and not alone"
	$(BIN)/python -m pytest --numprocesses $(SOUND_WORKERS) --dist loadfile --no-loadscope-reorder -m "media and not alone"
	$(BIN)/python -m pytest -m alone
else
	$(BIN)/python -m pytest $(PYTEST_ARGS)
endif

static: $(VENV)/.development ## Check format, lint and types, and that the migrations make the models' tables
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy $(SOURCES)
	rm -rf build/check
	DATABASE_URL= ORCHESTRATOR_DATA_DIR=build/check $(BIN)/orchestrator database upgrade
	DATABASE_URL= ORCHESTRATOR_DATA_DIR=build/check $(BIN)/orchestrator database check

check: static test ## Everything above that can fail: `static`, then `test` with its import and size rules

bench: $(VENV)/.development ## Measure this service beside what it is compared to, in one run
	$(BIN)/python -m bench

screenshots: $(VENV)/.development ## Take the pictures in docs/images, of calls that are really held
	$(BIN)/python docs/make_screenshots.py

lock: ## Choose the newest versions that pyproject.toml allows, for all platforms, and lock them
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(UV_COMPILE) --group dev --output-file requirements-dev.lock
	$(UV_COMPILE) --group build --constraint requirements-dev.lock --output-file requirements.lock

clean: ## Remove the environment and caches; what is in .data stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	rm -f orchestrator/media/*.so
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

# `--universal` resolves for every platform and Python at once; hashes stand in for addresses, so that any index
# or mirror that serves the same files will do.
UV_COMPILE := build/lock/bin/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	--all-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	--custom-compile-command "make lock"

# A stamp says that the environment holds what a lock lists; the development lock lists all that the other does.
# The project itself is installed as a link to this folder, with the build backend that the lock has.
$(VENV)/.runtime: requirements.lock pyproject.toml $(COMPILED)
	@$(MAKE_VENV)
	@echo "Installing the locked packages (only the first time, and when they change) ..."
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: requirements-dev.lock requirements.lock pyproject.toml $(COMPILED)
	@$(MAKE_VENV)
	@echo "Installing the locked packages for development (only the first time, and when they change) ..."
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.runtime $@

define MAKE_VENV
$(BIN)/python -c '' 2>/dev/null || { \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "make: $(PYTHON) is missing or older than Python 3.11. Mend: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }; \
	echo "Making the environment in $(VENV) ..."; \
	rm -rf $(VENV); \
	$(PYTHON) -m venv $(VENV) || { \
		echo "make: no environment. Mend: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }; }
endef
