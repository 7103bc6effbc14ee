# make demo      a programme of 5,300 missing, from files to names, shown on localhost (SERVE=0: ends after the result)
# make test      everything, proved at small sizes; set-up included
# make check     style, types, layers
# make validate  the full-size claims, for hours; writes validation/results/
# make bench     how fast, beside the plain twins and the machine's own limits
# make serve     the application over the demonstration, without computing it again
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup system check test demo serve validate bench lock clean
V := .venv/bin
SERVE ?= 1
SEED ?= 1950
ADDRESS ?= 127.0.0.1
PORT ?= 8000
export NUMBA_CACHE_DIR ?= $(CURDIR)/.cache/numba
export PYTHONUTF8 = 1
DEMO := var/demo
CATALOGUES := $(wildcard casework/locale/ko/LC_MESSAGES/django.po casework/*/locale/ko/LC_MESSAGES/django.po)

help:
	@sed -n 's/^# make /make /p' Makefile

setup: .venv/.ready $(CATALOGUES:.po=.mo)

.venv/.ready: requirements/bootstrap.txt requirements/all.txt pyproject.toml tools/setup.sh
	@tools/setup.sh

%.mo: %.po | .venv/.ready
	@$(V)/pybabel -q compile -D django -l ko -i $< -o $@

system:
	@tools/system.sh

check: setup
	@$(V)/ruff check .
	@$(V)/ruff format --check -q .
	@$(V)/mypy homeward casework
	@$(V)/lint-imports --cache-dir .cache/import-linter

test: setup system
	@$(MAKE) --no-print-directory check
	@$(V)/pytest -n auto --dist worksteal

validate: setup
	@$(V)/python -m validation.run
	@$(V)/python -m validation.worlds
	@$(V)/python -m validation.campaigns
	@$(V)/python -m validation.beliefs
	@$(V)/python -m validation.seals
	@$(V)/python -m validation.scan
	@$(V)/python -m validation.joint
	@$(V)/python -m validation.roster
	@$(V)/python -m validation.matches

bench: setup
	@$(V)/pytest benchmarks --benchmark-enable --benchmark-only --benchmark-columns=min,median,ops -o testpaths=benchmarks

# The programme is invented from a seed, put through the science at the command line, then shown by the application.
demo: setup
	@rm -rf $(DEMO)/korea $(DEMO)/korea.truth.csv $(DEMO)/korea.lying.csv $(DEMO)/casework
	@mkdir -p $(DEMO)
	@$(V)/homeward simulate $(DEMO)/korea --seed $(SEED)
	@$(V)/homeward identify $(DEMO)/korea --out $(DEMO)/result --replace
	@HOMEWARD_VAR=$(DEMO)/casework $(V)/python manage.py demonstrate $(DEMO)/korea $(DEMO)/result
	@if [ "$(SERVE)" != 0 ]; then $(MAKE) --no-print-directory serve; fi

serve: setup
	@HOMEWARD_VAR=$(DEMO)/casework $(V)/python manage.py serve --address $(ADDRESS) --port $(PORT)

# Locks every package with its hash and names no host.
lock: .venv/.ready
	@$(V)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--group dev pyproject.toml -o requirements/all.txt

clean:
	@rm -rf .venv .cache var build dist *.egg-info
