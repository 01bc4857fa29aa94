# Fettle's commands. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := tests/node/node_modules/.fettle-installed
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
BROWSER := $(VENV)/.browser
TOOLS := $(VENV)/tools/.installed
SPARK := $(VENV)/spark/.installed
TOOLS_BIN := $(VENV)/tools/bin
IMAGE ?= fettle:local
# In their own order: a file of few tests may be a long one, and would come last.
WORKERS := -n 3 --dist loadfile --no-loadscope-reorder

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}'

.PHONY: run
run: $(RUNTIME) ## Set up, load demo data if the store is empty, serve http://localhost:8501
	@$(BIN)/python -m backend demo load --if-empty
	@$(BIN)/python -m backend serve

.PHONY: install
install: $(RUNTIME) ## Set up .venv with what Fettle needs to run

# Python is to keep what it compiles, wherever it is told not to: the tests start dozens of processes.
test test-all bench: export PYTHONDONTWRITEBYTECODE =

.PHONY: test
test: $(DEV) $(NODE) $(BROWSER) $(TOOLS) ## Set up all that the tests need and run them
	$(BIN)/python -m pytest $(WORKERS)

.PHONY: test-all
test-all: $(DEV) $(NODE) $(BROWSER) $(TOOLS) ## Run the slow tests too
	$(BIN)/python -m pytest -m "not bench" --hypothesis-profile thorough $(WORKERS)

.PHONY: bench
bench: $(DEV) $(NODE) ## Run the benchmarks
	$(BIN)/python -m pytest -m bench -s

.PHONY: test-tools
test-tools: $(NODE) $(BROWSER) $(TOOLS) ## Set up Azurite and a browser for the tests

.PHONY: test-spark
test-spark: $(DEV) $(SPARK) ## Set up PySpark and compare its roll-ups with DuckDB's; needs Java 17
	$(BIN)/python -m pytest -m "not bench" tests/contract/test_spark.py

.PHONY: check
check: $(DEV) $(TOOLS) ## Format, lint, types, import rules, documentation, infrastructure, image, workflows
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest tests/docs
	$(TOOLS_BIN)/python tests/infra/terraform.py fmt -check -diff -recursive infra
	$(TOOLS_BIN)/checkov --file infra/*.tf Dockerfile --framework terraform dockerfile --compact --quiet --skip-download 2>/dev/null
	$(TOOLS_BIN)/hadolint --failure-threshold info Dockerfile
	PATH="$(CURDIR)/$(TOOLS_BIN):$$PATH" $(TOOLS_BIN)/actionlint
	$(TOOLS_BIN)/shellcheck .github/try-image .ci/run
	$(TOOLS_BIN)/zizmor --offline --quiet .github

.PHONY: format
format: $(DEV) $(TOOLS) ## Format and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(TOOLS_BIN)/python tests/infra/terraform.py fmt -recursive infra

.PHONY: docs
docs: $(DEV) ## Write the reference pages of docs/ from the code
	$(BIN)/python -m tests.docs.reference

.PHONY: lock
lock: $(VENV)/.uv ## Compile requirements*.in to hashed requirements*.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --only-binary :all: requirements-tools.in -o requirements-tools.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url -c requirements.txt requirements-spark.in -o requirements-spark.txt

.PHONY: screenshot
screenshot: $(DEV) $(BROWSER) ## Take the README's screenshot from the running demo
	$(BIN)/python -m tests.e2e.screenshot docs/images

.PHONY: image
image: ## Build the image with Docker, as IMAGE=fettle:local
	docker build --tag $(IMAGE) .

.PHONY: try-image
try-image: ## Serve the built image read-only and without rights, and wait until it is healthy
	.github/try-image $(IMAGE)

.PHONY: clean
clean: ## Remove what was installed and cached; data stays
	rm -rf $(VENV) tests/node/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# What follows is made once and again only when its list changes.

$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Fettle needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

$(RUNTIME): requirements.txt $(VENV)/.uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@

$(TOOLS): requirements-tools.txt $(VENV)/.uv
	$(PYTHON) -m venv --without-pip $(VENV)/tools
	$(BIN)/uv pip install --quiet --python $(TOOLS_BIN)/python --require-hashes --only-binary :all: -r requirements-tools.txt
	@touch $@

$(SPARK): requirements-spark.txt $(VENV)/.uv
	@command -v java >/dev/null || { echo "Java is missing: Spark needs Java 17; install it (Debian: apt-get install openjdk-17-jre-headless)"; exit 1; }
	$(PYTHON) -m venv --without-pip $(VENV)/spark
	$(BIN)/uv pip install --quiet --python $(VENV)/spark/bin/python --require-hashes -r requirements-spark.txt
	@touch $@

$(NODE): tests/node/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: the tests need Node.js 20 or newer for Azurite; install it (Debian: apt-get install nodejs npm)"; exit 1; }
	npm ci --prefix tests/node --silent --no-audit --no-fund
	@touch $@

$(BROWSER): $(DEV)
	$(BIN)/python -m tests.e2e.browser
	@touch $@
