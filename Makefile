# `make run` serves Baton, `make test` proves it. Both work on a machine with nothing but Python 3.11 and make:
# what is missing is installed into .venv and static/node_modules; see .ci/ for the few system libraries.

PORT ?= 8000
LANGUAGE ?= en
# Of the suite: tests wait for browsers and processes of their own, so that two cores have room for three.
WORKERS ?= 3
export PORT
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Compiled once, our modules load a fifth faster; containers often forbid to keep what was compiled.
export PYTHONDONTWRITEBYTECODE =
# Node.js lands in .venv/bin where the machine has none, or one too old.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

FLASK = .venv/bin/flask --app wsgi
PO = webapp/translations/ru/LC_MESSAGES/messages.po
# The build leaves out the CSS that neither a template nor a view names.
SOURCES = $(shell find static templates webapp -type f -not -path '*/node_modules/*' -not -path 'static/dist/*' \
            -not -path '*/translations/*' -not -path '*/__pycache__/*')

.PHONY: run demo test check bench build lock messages picture clean

run: build ## Serve on PORT with the database in DATABASE_URL (SQLite in instance/ unless given)
	@$(FLASK) db upgrade
	@exec $(FLASK) serve

demo: export DATABASE_URL := $(or $(DATABASE_URL),sqlite:///$(abspath $(or $(INSTANCE),instance))/demo.db)
demo: build ## The same with the demo company loaded, in a database of its own; prints the logins
	@$(FLASK) db upgrade
	@$(FLASK) demo --language $(LANGUAGE)
	@exec $(FLASK) serve

build: .venv/.pdf static/dist/manifest.json $(PO:.po=.mo) ## Everything that serving needs

test: build .venv/.dev ## Every check, then the whole suite on SQLite and on PostgreSQL
	@.ci/system chromium "The browser tests need Chromium"
	@.ci/system postgresql "The suite runs on PostgreSQL too and needs its server"
	@$(MAKE) --no-print-directory check
	.venv/bin/pytest -n $(WORKERS) --dist worksteal --database both

check: .venv/.dev ## What can be said without running the application
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache --no-logo
	.venv/bin/djlint templates --lint --quiet

bench: build .venv/.dev ## Measure against a bare page in the same run; BENCH_JSON=file keeps the figures
	.venv/bin/python -m tests.benchmarks

picture: build .venv/.dev ## The README's picture of the board, from the demo company
	.venv/bin/python -m tests.picture

messages: .venv/.packages ## Collect the English messages into the Russian catalogue and compile it
	.ci/messages $(CURDIR)/.venv/messages.pot
	.venv/bin/pybabel -q update -i .venv/messages.pot -o $(PO) -l ru --no-fuzzy-matching --ignore-obsolete \
	  --ignore-pot-creation-date --width 120
	.venv/bin/pybabel -q compile -i $(PO) -o $(PO:.po=.mo) --statistics

lock: ## Choose the newest packages that pyproject.toml admits and pin them
	@rm -rf .venv/lock && python=$${PYTHON:-$$(.ci/python)} && $$python -m venv .venv/lock
	.venv/lock/bin/pip install -qq $$(.ci/wanted dependencies dev node)
	.venv/lock/bin/pip freeze --all --exclude pip --exclude setuptools > requirements.lock
	@rm -rf .venv/lock

clean: ## Remove everything that these targets made, except for the data in instance/
	rm -rf .venv static/node_modules static/dist $(PO:.po=.mo)

.venv/bin/python:
	@python=$${PYTHON:-$$(.ci/python)} && $$python -m venv .venv

.venv/.packages: pyproject.toml requirements.lock | .venv/bin/python
	@echo "Installing Python packages"
	@.venv/bin/pip install -qq -c requirements.lock $$(.ci/wanted dependencies)
	@touch $@

.venv/.dev: .venv/.packages
	@echo "Installing the packages that only tests need"
	@.venv/bin/pip install -qq -c requirements.lock $$(.ci/wanted dev)
	@touch $@

.venv/.pdf: .venv/.packages
	@.ci/system pango "Proposals as PDF need Pango"
	@touch $@

.venv/.node: .venv/.packages
	@.ci/node || { echo "Installing Node.js from a Python package" && \
	  .venv/bin/pip install -qq -c requirements.lock $$(.ci/wanted node); }
	@touch $@

static/node_modules/.package-lock.json: static/package-lock.json .venv/.node
	@echo "Installing front-end packages"
	@cd static && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

static/dist/manifest.json: static/node_modules/.package-lock.json $(SOURCES)
	@node static/build.mjs
	@touch $@

$(PO:.po=.mo): $(PO) | .venv/.packages
	@.venv/bin/pybabel -q compile -i $(PO) -o $@
