# Every job of the project, each doing its own set-up. `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The folder of everything that is built: CARGO_TARGET_DIR, as for cargo, or target.
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
TOOLS := $(TARGET)/tools
# Other people's tools, which the tests run against the simulator. Their requirements would restrict ours.
CLIENTS := $(TOOLS)/clients
# The package installer, which takes nothing whose hash is not in the lock.
PIP_INSTALL := pip install --quiet --disable-pip-version-check
WORKERS := source-take source-share source-delete destination-copy destination-delete destination-recover
# The processor that `make package` builds for: x86_64 or arm64 (as Architecture in parameters.yaml).
ARCH := x86_64
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
	@$(BIN)/$(PIP_INSTALL) --require-hashes -r requirements.txt
	@$(BIN)/$(PIP_INSTALL) --no-deps --no-build-isolation --editable ./sceptre/extension
	@touch $@

.PHONY: lock
lock: ## Renew requirements.txt, requirements-clients.txt and requirements-scan.txt, with hashes, from the .in files
	@python3 -m venv $(TOOLS)/lock
	@$(TOOLS)/lock/bin/$(PIP_INSTALL) uv==0.13.9
	@for name in requirements requirements-clients requirements-scan; do \
		$(TOOLS)/lock/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-annotate --python-version 3.10 \
			--custom-compile-command "make lock" $$name.in -o $$name.txt || exit 1; \
	done

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
test-python: $(READY) $(CLIENTS)/.ready build ## Run the Python tests: contracts, boto3 and others' tools against the simulator, the deployed cycle
	$(BIN)/python -m pytest -c tests/pytest.ini tests

$(CLIENTS)/.ready: requirements-clients.txt
	@echo "Installing the tools of other people into $(CLIENTS) ..."
	@python3 -m venv $(CLIENTS)
	@$(CLIENTS)/bin/$(PIP_INSTALL) --require-hashes -r requirements-clients.txt
	@touch $@

.PHONY: simulate
simulate: ## Show at length that the RPO is kept: months, many seeds, every crash, the planner (LONG=1: five times as many seeds)
	@echo "Compiling optimised (the first time takes some minutes) ..."
	@cargo run --quiet --profile simulate --locked --package pilot-light-simulation --bin prove -- $(if $(LONG),--long)

.PHONY: bench
bench: package ## Measure the packaged workers (calls, time, memory, cold start, cost) and write docs/performance.md (ONLY=100x7: these cases)
	@for worker in $(WORKERS); do \
		$(BIN)/python -m zipfile -e $(TARGET)/lambda/$$worker/bootstrap.zip $(TARGET)/lambda/$$worker && chmod +x $(TARGET)/lambda/$$worker/bootstrap || exit 1; \
	done
	cargo bench --quiet --locked -p pilot-light-tests --bench workers -- \
		--workers $(TARGET)/lambda --python $(CURDIR)/$(BIN)/python --results $(TARGET)/bench/results.json --only "$(ONLY)"
	cargo bench --quiet --locked -p pilot-light -- --results $(TARGET)/bench/simulate.json
	@test -n "$(ONLY)" || $(BIN)/python -m scripts.docs.performance

.PHONY: lint
lint: $(READY) $(TOOLS)/bin/cargo-deny scan ## Check format, clippy, crates alone, templates, licences, sources, the Python lock, and words; and scan
	cargo fmt --all --check
	cargo check --quiet --locked -p pilot-light-domain
	cargo check --quiet --locked --no-default-features $(WORKERS:%=-p %)
	cargo check --quiet --locked -p pilot-light-simulation
	cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
	$(TOOLS)/bin/cargo-deny --log-level error check licenses bans sources
	$(BIN)/cfn-lint sceptre/templates/*.yaml
	$(BIN)/pip check
	$(BIN)/python -m scripts.check_lock
	$(BIN)/python scripts/prose.py

.PHONY: scan
scan: $(READY) $(TOOLS)/scan/.ready ## Scan what Sceptre generates of every group for security faults (checkov, without the network)
	$(BIN)/python -m scripts.scan $(TOOLS)/scan/bin/checkov

$(TOOLS)/scan/.ready: requirements-scan.txt
	@echo "Installing checkov into $(TOOLS)/scan ..."
	@python3 -m venv $(TOOLS)/scan
	@$(TOOLS)/scan/bin/$(PIP_INSTALL) --require-hashes -r requirements-scan.txt
	@touch $@

.PHONY: advisories
advisories: $(TOOLS)/bin/cargo-deny ## Check the crates against the RustSec advisories (fetches their database, so it needs the network)
	@$(TOOLS)/bin/cargo-deny fetch db || { echo "NOTHING WAS CHECKED: the advisory database cannot be reached." >&2; exit 1; }
	$(TOOLS)/bin/cargo-deny check --disable-fetch advisories

$(TOOLS)/bin/cargo-deny:
	@echo "Installing cargo-deny into $(TOOLS) ..."
	@cargo install --quiet --locked --root $(TOOLS) --version 0.20.2 cargo-deny

# No path of this machine gets into a zip: neither from Rust nor from the C of the cryptography.
CARGO_DIR := $(or $(CARGO_HOME),$(HOME)/.cargo)
.PHONY: package
package: export RUSTFLAGS := --remap-path-prefix=$(CURDIR)=. --remap-path-prefix=$(TARGET)=./target --remap-path-prefix=$(CARGO_DIR)=cargo
package: export CFLAGS := -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(TARGET)=./target -ffile-prefix-map=$(CARGO_DIR)=cargo
package: $(READY) ## Build the Lambda zips into target/lambda, each with its SBOM (ARCH=arm64 for that processor)
	PATH="$(CURDIR)/$(BIN):$$PATH" cargo lambda build --locked --profile lambda --$(subst _,-,$(ARCH)) --output-format zip $(WORKERS:%=--package %)
	$(BIN)/python -m scripts.package $(ARCH) $(WORKERS)

.PHONY: reproducible
reproducible: $(READY) ## Show that a commit gives the same bytes wherever it is built: WORKERS=source-take, twice, in two directories
	$(BIN)/python -m scripts.reproducible $(ARCH) $(if $(filter command line,$(origin WORKERS)),$(WORKERS),source-take)

.PHONY: deploy-help
deploy-help: ## Show the steps to deploy to your own accounts
	@sed -n '/^## Deploying/,/^## Running/p' docs/operating.md | sed '$$d'

.PHONY: group
group: $(READY) ## Make a stack group for another Region: NAME=source-eu FROM=source REGION=eu-west-1 (a destination also SOURCE_REGION=…)
	@$(BIN)/python -m pilot_light_sceptre.groups "$(NAME)" "$(FROM)" "$(REGION)" "$(SOURCE_REGION)"

.PHONY: docs
docs: $(READY) ## Write docs/parameters.md from the templates
	@$(BIN)/python -m scripts.docs.parameters

.PHONY: clean
clean: ## Remove everything that was built or installed here (not a CARGO_TARGET_DIR, which others may use)
	rm -rf target $(VENV)
