# GridStrata: everything a person or a machine runs here. `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_DATA ?= demo-data
# Unpacks wheels once and links them from then on: seconds where pip takes minutes.
UV := $(BIN)/uv
INSTALL = $(UV) pip install --quiet --python $(BIN)/python

.PHONY: help demo servers test check format bench lock models risks clean
.DELETE_ON_ERROR:

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/run ## Generate a town, import it, ask four questions, serve (ONCE=1: end after the answers)
	$(BIN)/gridstrata --data $(DEMO_DATA) demo $(if $(ONCE),--once)

servers: $(VENV)/dev ## Start Neo4j and InfluxDB for a person, print the settings, run until Ctrl-C
	$(BIN)/python -m tests.servers.both

# Two processes, each with servers of its own; one where the tests are pointed at servers. With more
# than one thread of arithmetic each, these would only wait for each other.
test: $(VENV)/dev ## Run the whole suite
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(if $(GRIDSTRATA_TEST_GRAPH)$(GRIDSTRATA_TEST_TIMELINE),,-n 2 --dist loadfile)

check: $(VENV)/dev ## Format, lint, types, import contracts, schema up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m graph_service.api.schema --check

format: $(VENV)/dev ## Format and repair what can be repaired, print the schema
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python -m graph_service.api.schema --write

bench: $(VENV)/dev ## Measure, and write docs/explanation/performance.md
	$(BIN)/python -m tests.performance

models: $(VENV)/dev ## Train the shipped loads and places of faults anew: ten minutes on two cores
	$(BIN)/gridstrata-gnn train gnn/shipped
	$(BIN)/gridstrata-gnn train-faults gnn/shipped
	$(BIN)/gridstrata-gnn evaluate gnn/shipped --write docs/reference/predictions
	$(BIN)/gridstrata-gnn evaluate-faults gnn/shipped --write docs/reference/predictions

risks: $(VENV)/dev ## Train the shipped peaks after outages and risks of failure anew: ten minutes at most
	$(BIN)/gridstrata-gnn train-pickup gnn/shipped
	$(BIN)/gridstrata-gnn train-failures gnn/shipped
	$(BIN)/gridstrata-gnn evaluate gnn/shipped --write docs/reference/predictions

lock: ## Lock the versions of all dependencies, with hashes
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade uv
	echo uv | $(UV) pip compile - --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --output-file requirements/uv.txt
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --prerelease if-necessary-or-explicit \
	  --output-file requirements/dev.txt
	$(UV) pip compile pyproject.toml --universal --python-version 3.11 \
	  --constraint requirements/dev.txt --generate-hashes \
	  --no-emit-index-url --no-header --output-file requirements/run.txt
	$(UV) pip compile pyproject.toml --extra neo4j --extra influx --universal \
	  --python-version 3.11 --constraint requirements/dev.txt --generate-hashes \
	  --no-emit-index-url --no-header --output-file requirements/servers.txt

clean: ## Remove the environment and the demo's data
	rm -rf $(VENV) $(DEMO_DATA) build dist *.egg-info

# The dev environment is the run-time environment and more, so either marker may come first.
$(VENV)/run: requirements/run.txt pyproject.toml | $(UV)
	$(INSTALL) --require-hashes --requirement requirements/run.txt
	$(INSTALL) --no-deps --editable .
	touch $@

$(VENV)/dev: requirements/dev.txt requirements/run.txt pyproject.toml | $(UV)
	$(INSTALL) --require-hashes --requirement requirements/dev.txt
	$(INSTALL) --no-deps --editable .
	touch $@ $(VENV)/run

$(UV): requirements/uv.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/uv.txt
	touch $@
