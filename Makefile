# Everything a person or the CI does with this project, in one place. `make help` lists it.
# Needs python3 (3.11 or newer), make and git; everything else is put into .venv from hash-pinned lock files, or
# installed by deploy/system-packages.sh, which says so first.

PYTHON ?= python3
# Passed on: `make demo ARGS=--once`, `make test ARGS="-k custody"`, `make bench ARGS=--quick`.
ARGS ?=
# How many test processes: one a core, four at most, because each starts its own database.
JOBS ?= auto

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

##@ Try it

.PHONY: demo
demo: $(VENV)/.runtime ## Play a day on a fresh Bắc Ninh, check its log, then keep serving (ARGS=--once: stop afterwards)
	@exec $(BIN)/kt1 demo $(ARGS)

.PHONY: venv
venv: $(VENV)/.runtime ## Make .venv with what a running installation needs (then: .venv/bin/kt1 --help)

.PHONY: verifier
verifier: ## Pack the auditor's verifier into one file, dist/kt1-verify.pyz (needs only Python and cryptography)
	$(PYTHON) -m audit.pack dist/kt1-verify.pyz

.PHONY: pictures
pictures: $(VENV)/.test ## Take the README's pictures anew: a real server, real Chromium
	@$(MAKE) --no-print-directory system-packages
	$(BIN)/python -m tests.e2e.pictures docs/images

##@ Check it

.PHONY: test
test: system-packages $(VENV)/.test oracles ## Lint, types, import floors and every test: what the CI runs
	@$(MAKE) --no-print-directory lint types imports
	$(BIN)/python -m pytest -n $(JOBS) --maxprocesses 4 --dist loadfile $(ARGS)

.PHONY: oracles
oracles: tests/oracles/node_modules/.installed ## Install what the tests hold our signatures and bytes against (npm ci)

.PHONY: lint
lint: $(VENV)/.test ## Style (ruff, every rule but the ones excused in pyproject.toml)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(VENV)/.test ## Types (mypy --strict)
	$(BIN)/mypy .

.PHONY: imports
imports: $(VENV)/.test ## Import floors: who may import whom (import-linter)
	$(BIN)/lint-imports --no-cache

.PHONY: bench
bench: $(VENV)/.bench ## Measure speed against its peers in one run, and print the table
	@PYTHON=$(PYTHON) deploy/system-packages.sh bench
	@$(MAKE) --no-print-directory benchmarks/peers/node_modules/.installed
	$(BIN)/python -m benchmarks $(ARGS)

##@ Keep it

.PHONY: lock
lock: $(VENV)/.lock ## Write requirements/*.txt anew from requirements/*.in (UPGRADE=--upgrade: take newer releases)
	$(LOCK) $(UPGRADE) requirements/runtime.in -o requirements/runtime.txt
	$(LOCK) $(UPGRADE) -c requirements/runtime.txt requirements/test.in -o requirements/test.txt
	$(LOCK) $(UPGRADE) -c requirements/test.txt requirements/bench.in -o requirements/bench.txt
	$(LOCK) $(UPGRADE) requirements/lock.in -o requirements/lock.txt
	cd tests/oracles && npm install --package-lock-only
	cd benchmarks/peers && npm install --package-lock-only

.PHONY: system-packages
system-packages: ## Install PostgreSQL, Chromium, SoftHSM, node and other tools with apt where they are missing
	@PYTHON=$(PYTHON) deploy/system-packages.sh test

.PHONY: clean
clean: ## Remove .venv, caches and the demo's data (var/demo)
	rm -rf $(VENV) tests/oracles/node_modules benchmarks/peers/node_modules var/demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- the virtual environment: one stamp for each lock file it holds --------------------------------------------------

$(BIN)/python:
	@PYTHON=$(PYTHON) deploy/system-packages.sh run
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the server needs, each file checked against its hash (about 15 seconds)"
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r $<
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# The test lock holds the runtime lock's exact releases and more, so it stands in for it.
$(VENV)/.test: requirements/test.txt requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need, each file checked against its hash (about 30 seconds)"
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r $<
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.runtime $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.test
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r $<
	@touch $@

# Each package is checked against the hash in its lock file; none runs a script while being installed.
%/node_modules/.installed: %/package-lock.json %/package.json %/.npmrc
	@echo "Installing with npm what $* needs, each package checked against its hash"
	@cd $* && npm ci --no-progress --loglevel=error
	@touch $@

$(VENV)/.lock: requirements/lock.txt | $(BIN)/python
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r $<
	@touch $@
