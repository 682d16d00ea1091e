# Duban's commands. A fresh machine needs GNU make and Python 3.11 or newer; everything else comes into .venv and web/assets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

PYTHON ?= python3
BIN := .venv/bin
ROOMS := workflow states handlers web config
# How many processes run the tests, and how large: test (every path, small) or drill (the sizes of docs/drills.md).
JOBS ?= 2
PYTEST := $(BIN)/pytest
# The made-up clues of the demo county are of level 2; an installation of its own begins with 1 (docs/settings.md).
# Nobody needs a second factor there, so that the printed passwords are enough; such a site is served on loopback only.
DEMO := DUBAN_HOME=var/demo DUBAN_CEILING=2 DUBAN_SECOND_FACTOR=off $(BIN)/duban

ASSETS := $(shell find web/assets -type f -not -path '*/node_modules/*' 2>/dev/null)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard web/translations/*/LC_MESSAGES/*.po))

.PHONY: help install run test check coverage bench drills pictures mutants lock sbom wheelhouse advisories scan clean

help: ## Say what can be done (this list)
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: .venv/.installed web/static/.built $(CATALOGUES) ## Make .venv from the lock, the pages' assets and the catalogues

run: install ## Open the demo county in var/demo and serve it on this machine
	$(DEMO) demo --yes --if-absent
	$(DEMO) serve

test: install ## Run every test, on SQLite and on PostgreSQL, and in a browser
	@$(BIN)/python tests/browser/ready.py
	$(PYTEST) -n $(JOBS) --dist=loadscope

# Ruff's S rules are bandit's, with the reason for each exception on its line; bandit itself adds the gravest of those
# that ruff does not have.
check: install ## Lint, format, types, import contracts, known weaknesses, secrets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(ROOMS)
	$(BIN)/lint-imports
	$(BIN)/bandit -q -lll -r $(ROOMS)
	@$(BIN)/python tests/house/leaks.py

coverage: install ## Run every test and say which branches none of them took
	$(PYTEST) -n $(JOBS) --dist=loadscope --cov --cov-report=term

bench: install ## Measure the goals as ratios to their floors, in this run
	$(BIN)/python -m tests.bench

drills: install ## Run the large sizes; write the result into docs/drills.md
	DUBAN_SCALE=drill $(PYTEST) tests/drills tests/walks tests/security tests/workflow/people/test_factors.py -s

pictures: install ## Take the pictures of every page anew, by the browser tests
	rm -f docs/pictures/*.png web/assets/public/help/*/*.png
	DUBAN_PICTURES=docs/pictures DUBAN_HELP=web/assets/public/help $(PYTEST) tests/browser/test_pages.py tests/browser/test_help.py -q
	$(BIN)/python web/assets/make.py

mutants: install ## Mutate FILES="states/guards.py …" and list what no test noticed
	@test -n "$(FILES)" || { echo 'Say which files: make mutants FILES="states/guards.py"'; exit 2; }
	$(BIN)/python tests/house/mutants.py $(FILES)

lock: .venv/.installed ## Pin every dependency again, with hashes, in requirements/
	$(call compile,base,--extra install)
	$(call compile,dev,--extra install --extra dev --constraint requirements/base.txt)

sbom: install ## Write what the program is made of into build/sbom.json (CycloneDX)
	mkdir -p build
	$(BIN)/python tests/house/sbom.py build/sbom.json

# For this kind of machine and this Python alone; another one makes its own (docs/offline.md).
wheelhouse: .venv/.installed ## Gather what an installation needs in build/wheelhouse, to install without a network
	rm -rf build/wheelhouse
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
		--dest build/wheelhouse -r requirements/base.txt

# Neither of these is in the lock: each wants programs in the path, `advisories` the network as well (docs/security.md). A package
# that no advisory could be asked for is a failure, and so is a lock that lacks a hash.
advisories: ## Ask what is known against every pinned package: pip-audit and npm must be in the path
	pip-audit --strict --disable-pip --require-hashes $(addprefix -r ,$(wildcard requirements/*.txt))
	npm --prefix web/assets audit --package-lock-only

scan: install ## Let the scanners that are in the path loose on a demo county; TOOLS="wapiti sqlmap" for some of them
	$(BIN)/python -m tests.house.scan $(TOOLS)

clean: ## Remove all that can be made again; var/ stays
	rm -rf .venv web/static web/assets/node_modules build dist mutants htmlcov *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* $(CATALOGUES)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Only pip installs, and only what the lock's hashes name; then the checkout itself, which asks no index for anything.
.venv/.installed: requirements/dev.txt setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Duban needs Python 3.11 or newer: make PYTHON=python3.12 …'; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# The Node of the lock's wheel is used where the machine has none that is new enough.
web/static/.built: $(ASSETS) | .venv/.installed
	$(BIN)/python web/assets/make.py
	touch $@

%.mo: %.po | .venv/.installed
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

# Extras stay in the lock: pip before 23.3 takes a newer release for `coverage[toml]` than the one pinned as `coverage`, and then misses its hash.
define compile
$(BIN)/uv pip compile setup.cfg --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
	--no-annotate --no-header $(2) --output-file requirements/$(1).txt $(if $(UPGRADE),--upgrade)
@sed -i.old '1i # Made by `make lock` from setup.cfg; not edited by hand.' requirements/$(1).txt && rm requirements/$(1).txt.old
endef
