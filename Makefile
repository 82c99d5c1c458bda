# Everything a person runs. Each target does its own set-up: `make demo` and `make test` work on a fresh clone.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
# The demo runs on a part of what a developer has; where all of it is installed, that will do.
DEMO_STAMP := $(if $(wildcard $(STAMP)),$(STAMP),$(VENV)/.demo)

# Where a machine keeps no bytecode, each of the processes that the tests start would compile all of it again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help dev demo test lint check-docs unit browser bench golden docs pictures site cases lock dist release-check package deploy-check clean

help: ## What there is to run
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

$(STAMP): requirements-dev.txt
	@sh tools/venv.sh $(VENV) $< $@

$(VENV)/.demo: requirements-demo.txt
	@sh tools/venv.sh $(VENV) $< $@

dev: $(STAMP) ## Make .venv with all that a developer needs

demo: $(DEMO_STAMP) ## Run the whole thing on an emulated AWS and a local Slack, and open its page
	@$(BIN)/python -m demo

test: $(STAMP) browser ## Run everything: style, types, contracts, pages and all tests
	@sh tools/beside.sh "make lint check-docs" "$(MAKE_COMMAND) --no-print-directory lint check-docs" \
		"$(BIN)/python -m pytest -q -n auto --dist worksteal --max-worker-restart=0"

lint: $(STAMP) ## Style, types and import contracts
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo > $(VENV)/import-contracts.txt || { cat $(VENV)/import-contracts.txt; exit 1; }

check-docs: $(STAMP)
	$(BIN)/python -m tools.docs --check

unit: $(STAMP) ## The tests without emulated AWS, Slack and browser
	$(BIN)/python -m pytest -q --ignore=tests/emulated_aws --ignore=tests/demo --ignore=tests/bot

browser: $(STAMP)
	@sh tools/chromium.sh

bench: $(STAMP) ## Measure the promises: acknowledgement, calls, depth, collection time, growth
	$(BIN)/python -m tools.bench

golden: $(STAMP) ## Write the golden files again; review them as diffs
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q -n auto $$(grep -rl --include='test_*.py' assert_golden tests)

cases: $(STAMP) ## Collect the saved cases and the recorded answers again from the emulated AWS
	$(BIN)/python -m tools.save_cases
	$(BIN)/python -m tools.record_answers

docs: $(STAMP) ## Write again what exists twice: tables, causes, the commands' help, policies, JSON Schemas
	$(BIN)/python -m tools.docs

# Sphinx and its theme stay out of the environment of the tests.
SITE := .venv-site
$(SITE)/.complete: requirements-site.txt
	@sh tools/venv.sh $(SITE) $< $@

site: $(SITE)/.complete ## Build the documentation as a site in dist/site; a warning is an error
	@rm -rf dist/site
	$(SITE)/bin/sphinx-build -q -W --keep-going --nitpicky -c tools/site -d $(SITE)/doctrees -b html . dist/site
	@echo "dist/site/index.html"

dist: $(STAMP) ## Build the wheel and the sdist of the command `pullcheck` in dist/
	@rm -f dist/pullcheck-*
	$(BIN)/python -m build --no-isolation --outdir dist .

release-check: dist ## Prove that the version, its tag, the changelog and what was built agree
	$(BIN)/python -m tools.release

pictures: $(STAMP) browser ## Draw the pictures of README and docs again, light and dark, from the demo
	$(BIN)/python -m tools.pictures

OSLS := node_modules/.package-lock.json
$(OSLS): package.json package-lock.json
	@command -v npm >/dev/null 2>&1 || { echo "Packaging needs Node.js 20.19 or newer, with npm." >&2; exit 1; }
	npm ci --no-audit --no-fund --ignore-scripts
	@touch $@

package: $(STAMP) $(OSLS) ## Build dist/lambda.zip for AWS Lambda: docs/deploy.md
	$(BIN)/python -m tools.build_lambda

deploy-check: package ## Package serverless.yml without credentials, lint the templates, run the built functions
	env -u AWS_PROFILE npx --no-install osls package --stage check
	$(BIN)/cfn-lint --template .serverless/cloudformation-template-update-stack.json deploy/target-account.yml
	$(BIN)/python -m pytest -q tests/deploy

lock: $(STAMP) ## Pin and hash the requirements again
	$(BIN)/pip-compile --extra=bot --output-file=requirements.txt pyproject.toml
	$(BIN)/pip-compile --extra=bot --extra=demo --constraint=requirements.txt --output-file=requirements-demo.txt pyproject.toml
	$(BIN)/pip-compile --extra=mcp --extra=otel --output-file=requirements-dev.txt pyproject.toml requirements-dev.in
	$(BIN)/pip-compile --output-file=requirements-site.txt requirements-site.in

clean: ## Remove what was built
	rm -rf $(VENV) $(SITE) dist node_modules .serverless .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
