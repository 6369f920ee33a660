# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint format bench docs validate clean

help: ## Show this help
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run pyproject.toml
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

demo: $(VENV)/.run ## Real AIS of New York to an emission inventory: out/report.html
	$(BIN)/sisterport demo --output out

test: $(VENV)/.dev ## Run the whole test suite
	$(BIN)/python -m pytest -n 2 --dist worksteal --doctest-modules src tests

lint: $(VENV)/.dev ## Style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: $(VENV)/.dev ## Speed and memory beside DuckDB, Polars, plain reading and HiGHS
	$(BIN)/python bench/run.py
	$(BIN)/python bench/shorepower.py
	$(BIN)/python bench/upgrades.py
	$(BIN)/python bench/berths.py --few 2 --seconds 10
	$(BIN)/python bench/corridor.py --seeds 2000-2003
	$(BIN)/python bench/network.py

docs: $(VENV)/.dev ## Write the generated pages (nomenclature, reference tables)
	$(BIN)/python tools/build_datapackage.py
	$(BIN)/python tools/build_docs.py

validate: $(VENV)/.dev ## Fuel per mile against an EU-MRV file: make validate MRV=FILE SIZES=FILE [ARGS=--json]
	@test -n "$(MRV)" -a -n "$(SIZES)" || { echo "usage: make validate MRV=FILE SIZES=FILE (imo,gt,type,year_built)"; exit 2; }
	@$(BIN)/python tools/validate_mrv.py "$(MRV)" "$(SIZES)" $(ARGS)

clean: ## Remove what was made
	rm -rf $(VENV) out
