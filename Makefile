# `make` lists what there is. Everything installs into .venv from locks with hashes; nothing else is touched.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
PYTHON_WANTED := 3.11

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST)

serve: .venv/run.stamp ## install, prepare the database, start web and worker
	@exec .venv/bin/gongdan serve --set-up

test: tools .venv/dev.stamp ## lint, then every test on SQLite and PostgreSQL, browser journeys included
	@$(MAKE) --no-print-directory lint
	@$(PY) -m tests.postgres $(PY) -m pytest -n 2 --dist loadgroup $(ARGS)

lint: .venv/dev.stamp ## ruff, mypy strict, import contracts, vendored front end, catalogues
	@.venv/bin/ruff check . && .venv/bin/ruff format --check -q .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --config pyproject.toml
	@$(PY) -m app.vendoring --check

fix: .venv/dev.stamp ## let ruff mend what it can
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

bench: .venv/dev.stamp ## every bench on both databases, as a table (ROWS=n for other sizes)
	@$(PY) -m tests.postgres $(PY) -m tests.bench.table $(if $(ROWS),--rows $(ROWS)) $(ARGS)

docs: .venv/dev.stamp ## write the generated reference
	@$(PY) -m ticket_templates.reference

messages: .venv/dev.stamp ## collect messages and update the catalogues
	@$(PY) -m app.messages update

migration: .venv/dev.stamp ## a new migration from the models: make migration NAME=what_changes
	@$(PY) -m app.migrate "$(NAME)"

vendor: ## renew the vendored front end from package-lock.json
	@npm ci --ignore-scripts --no-audit --no-fund && $(PY) -m app.vendoring

tools: # what the tests need of the machine; on Debian as root it is installed
	@sh tests/tools.sh

# Each stamp is as new as the lock it was installed from; a failed install leaves none.
.venv/run.stamp: requirements.lock pyproject.toml
	@sh app/bootstrap.sh requirements.lock $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml
	@sh app/bootstrap.sh requirements-dev.lock $@ && touch .venv/run.stamp

.PHONY: help serve test lint fix bench docs messages migration vendor tools
