# Genkō: everything starts here. `make help` lists what there is.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2
LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help demo run test check fuzz bench load lint suite chromium fix lock clean

# Compiled once and kept: Genkō is several processes, and its tests start dozens.
unexport PYTHONDONTWRITEBYTECODE

# uv takes seconds where pip takes minutes; pip knows ways to the packages that uv does not look for.
define install
$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode $(1) || \
$(BIN)/pip install --quiet --disable-pip-version-check $(1)
endef

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

demo: .venv/.run ## a clinic to practise in, with a patient's phone; nothing leaves this machine
	@exec $(BIN)/genko demo

run: .venv/.run ## the real thing on this machine
	@exec $(BIN)/genko run

test: .venv/.dev ## everything that has to hold, on both databases and in a real browser
	@$(MAKE) --no-print-directory -j2 lint suite

check: .venv/.dev lint ## the inner loop: lint, types, arrows and the quick tests, on SQLite
	$(BIN)/pytest -q -n $(JOBS) -m "not browser and not slow" -k "not postgresql"

fuzz: .venv/.dev ## the property tests with many more random examples, for an hour or so
	$(BIN)/pytest -n $(JOBS) -m property --hypothesis-profile=many

bench: .venv/.dev ## measures Genkō against hand-written SQL and bare pages; the README's table comes from it
	$(BIN)/python -m bench

load: .venv/.dev ## many open screens on one dashboard, messages arriving, somebody who clicks
	$(BIN)/python -m bench.load

lint: .venv/.dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/oxlint --quiet pages genko tests
	$(BIN)/deno check --quiet $$(find pages -name '*.js')

suite: chromium
	$(BIN)/pytest -n $(JOBS) --dist loadgroup

chromium: .venv/.dev
	$(BIN)/python -m tests.chromium

fix: .venv/.dev ## formats the code and mends what a tool can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: .venv/.dev ## resolves the dependencies anew, with hashes
	$(LOCK) --upgrade --group build -o requirements-build.txt
	$(LOCK) --upgrade pyproject.toml -o requirements.txt
	$(LOCK) --group dev -c requirements.txt -c requirements-build.txt pyproject.toml -o requirements-dev.txt

clean: ## takes the environment away; data stays
	rm -rf .venv

.venv/.run: requirements-build.txt requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Genkō needs Python 3.11 or newer; try: make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.txt
	$(call install,--require-hashes -r requirements.txt)
	$(call install,--no-deps --no-build-isolation -e .)
	@touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	$(call install,--require-hashes -r requirements-dev.txt)
	@touch $@
