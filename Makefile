# `make` lists what there is. Everything installs into .venv from locks with hashes; nothing else is touched.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python

# A failing `make serve`, `test` or `install` ends with what failed and exit code 1, not make's own line and code 2:
# asked a question (-q), make passes a recipe's code 1 on and adds nothing; the + runs the recipe all the same.
ifneq ($(filter serve test install,$(MAKECMDGOALS)),)
ifeq ($(findstring n,$(firstword -$(MAKEFLAGS))),)
MAKEFLAGS += q
RUN := +
endif
endif

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST)

serve: install ## install, prepare the database, start web and worker
	$(RUN)@exec .venv/bin/gongdan serve --set-up

# Tests start many processes: each compiling the house anew, as containers are often told, would take them longer.
test: tools installed-dev ## lint, then every test on SQLite and PostgreSQL, browser journeys included
	$(RUN)@MAKEFLAGS= $(MAKE) --no-print-directory lint || exit 1
	$(RUN)@MAKEFLAGS= PYTHONDONTWRITEBYTECODE= $(PY) -m tests.postgres $(PY) -m pytest -n 2 --dist loadscope $(ARGS)

lint: installed-dev ## ruff, mypy strict, import contracts, vendored front end, catalogues
	@.venv/bin/ruff check . && .venv/bin/ruff format --check -q .
	@.venv/bin/mypy --num-workers 2
	@.venv/bin/lint-imports --config pyproject.toml
	@$(PY) -m app.vendoring --check

fix: installed-dev ## let ruff mend what it can
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

bench: installed-dev ## every bench on both databases, as a table (ROWS=n for other sizes)
	@$(PY) -m tests.postgres $(PY) -m tests.bench.table $(if $(ROWS),--rows $(ROWS)) $(ARGS)

docs: installed-dev ## write the generated reference
	@$(PY) -m ticket_templates.reference && $(PY) -m app.conditions.reference

messages: installed-dev ## collect messages and update the catalogues
	@$(PY) -m app.messages update

migration: installed-dev ## a new migration from the models: make migration NAME=what_changes
	@$(PY) -m app.migrate "$(NAME)"

vendor: ## renew the vendored front end from package-lock.json
	@npm ci --ignore-scripts --no-audit --no-fund && $(PY) -m app.vendoring

tools: # what the tests need of the machine; on Debian as root it is installed
	$(RUN)@sh tests/tools.sh

install: ## install what the service needs into .venv, and nothing more
	$(RUN)@sh app/bootstrap.sh requirements.lock .venv/run.stamp

installed-dev: # what the tests need, from its lock
	$(RUN)@sh app/bootstrap.sh requirements-dev.lock .venv/dev.stamp

.PHONY: help serve test lint fix bench docs messages migration vendor tools install installed-dev
