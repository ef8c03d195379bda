# Every job of the project, each doing its own set-up. `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := target/tools
WORKERS := source-take source-share source-delete destination-copy destination-delete destination-recover
# One profile and one target folder for demo and tests: everything is compiled once.
QUICK := cargo build --quiet --locked --workspace --bins

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## Install the pinned Python tools into .venv (the other targets do it themselves)

$(READY): requirements.txt sceptre/extension/pyproject.toml
	@echo "Installing the Python tools into $(VENV) ..."
	@python3 -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.PHONY: build
build: ## Compile workers, simulator and command line, as demo and tests use them
	@echo "Compiling (the first time takes some minutes, most of it the AWS SDK for RDS) ..."
	@$(QUICK)

.PHONY: demo
demo: $(READY) build ## Deploy two accounts on a local AWS, protect databases, break something, show what happened
	@$(BIN)/python -m local.demo

.PHONY: test
test: test-rust test-python ## Run all tests

.PHONY: test-rust
test-rust: ## Run the Rust tests: units, properties, end-to-end scenes on the in-process simulator
	cargo test --quiet --locked --workspace

.PHONY: test-python
test-python: $(READY) build ## Run the Python tests: contracts, boto3 against the simulator, the deployed cycle
	$(BIN)/python -m pytest -c tests/pytest.ini tests

.PHONY: simulate
simulate: ## Show at length that the RPO is kept: months, many seeds, every crash, the planner (compiles optimised first, then some minutes)
	@echo "Compiling optimised (the first time takes some minutes) ..."
	@cargo build --quiet --release --locked --package pilot-light
	@python3 tests/simulation/prove.py

.PHONY: bench
bench: ## Measure what a simulated day costs in time and memory, as the days grow (compiles optimised first)
	cargo bench --quiet --locked -p pilot-light

.PHONY: lint
lint: $(READY) $(TOOLS)/bin/cargo-deny ## Check format, clippy, the pure crate alone, templates, licences and sources
	cargo fmt --all --check
	cargo check --quiet --locked -p pilot-light-domain
	cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
	$(TOOLS)/bin/cargo-deny --log-level error check licenses bans sources
	$(BIN)/cfn-lint sceptre/templates/*.yaml

$(TOOLS)/bin/cargo-deny:
	@echo "Installing cargo-deny into $(TOOLS) ..."
	@cargo install --quiet --locked --root $(TOOLS) --version 0.20.2 cargo-deny

.PHONY: package
package: export RUSTFLAGS := --remap-path-prefix=$(CURDIR)=. --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=cargo
package: $(READY) ## Build the Lambda zips for deployment into target/lambda (x86_64)
	PATH="$(CURDIR)/$(BIN):$$PATH" cargo lambda build --locked --profile lambda --x86-64 --output-format zip $(WORKERS:%=--package %)
	@ls -l $(WORKERS:%=target/lambda/%/bootstrap.zip)

.PHONY: deploy-help
deploy-help: ## Say how to deploy to your own accounts
	@sed -n '/^## Deploying/,/^## Operating/p' README.md | sed '$$d'

.PHONY: group
group: $(READY) ## Make a stack group for another Region: NAME=source-eu FROM=source REGION=eu-west-1 (a destination also SOURCE_REGION=…)
	@$(BIN)/python -m pilot_light_sceptre.groups "$(NAME)" "$(FROM)" "$(REGION)" "$(SOURCE_REGION)"

.PHONY: docs
docs: $(READY) ## Write docs/parameters.md from the templates
	@$(BIN)/python docs/parameters.py

.PHONY: clean
clean: ## Remove everything that was built or installed here
	rm -rf target $(VENV)
