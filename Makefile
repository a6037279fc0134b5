# Every target sets up what it needs: a virtual environment with the versions of constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export OMP_NUM_THREADS := 1

.PHONY: setup demo smoke test fuzz torture check format bench docs clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

demo: setup  ## AutoAL, its controls, its candidates and Random on scikit-learn's Digits: table and pictures
	$(BIN)/autoal demo --out results/demo

smoke: setup  ## every strategy on small tasks: whether all of it works, in minutes
	$(BIN)/autoal bench --suite smoke --out results/smoke

test: setup
	$(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal --cov --cov-report=term --cov-fail-under=90

fuzz: setup  ## every reader and public call with random inputs, for an hour; FUZZ_SECONDS=60 for a minute
	$(BIN)/python tests/fuzz/run.py

torture: setup  ## kill processes that write runs and results, flip bits and cut files off (half an hour)
	$(BIN)/python benchmarks/damage.py

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup  ## does the search learn, what do queries, strategies and engines cost (hours)
	$(BIN)/python benchmarks/engines.py
	$(BIN)/python benchmarks/planted.py
	env -u OMP_NUM_THREADS $(BIN)/python benchmarks/query_cost.py
	env -u OMP_NUM_THREADS $(BIN)/python benchmarks/strategies.py

docs: setup  ## the table of strategies and the pictures of the README, made again
	$(BIN)/python docs/make.py

clean:
	rm -rf $(VENV) results .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
