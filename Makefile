# Every target sets up what it needs; nothing has to be run before it.
PYTHON ?= python3
BIN := .venv/bin
export DBT_PROFILES_DIR := $(CURDIR)
export DBT_PROJECT_DIR := $(CURDIR)

.PHONY: setup spark demo test test-slow test-cluster test-bi lint lint-python docs map definitions bench lock clean

# Where there is Java, `make test` builds on Spark too.
JAVA := $(or $(JAVA_HOME),$(shell command -v java))

# Packages are compiled once here: where Python may not write bytecode, each process would do it anew. The
# project is read here too, so that the first build finds it read.
setup: .venv/.ready

.venv/.ready: requirements.lock requirements-setup.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Pointworth needs Python 3.11 or newer; set PYTHON=… to one."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-setup.lock
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@$(BIN)/python -m compileall -q src
	@$(BIN)/python -m pointworth.dbt_project.read_ahead
	@touch $@

# On top of setup: what the target spark needs, Java 17 aside.
spark: .venv/.spark-ready

.venv/.spark-ready: .venv/.ready requirements-spark.lock
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes -r requirements-spark.lock
	@touch $@

demo: setup
	@$(BIN)/pointworth demo

test: lint-python $(if $(JAVA),spark)
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow and not cluster and not bi"

test-slow: lint $(if $(JAVA),spark)
	@$(BIN)/pytest -m slow

# A real cluster on this host; needs Java and PostgreSQL's programs.
test-cluster: spark
	@$(BIN)/pytest -m cluster

# Apache Superset in an environment of its own: it needs other versions of what is installed here.
test-bi: setup .cache/superset/.ready
	@$(BIN)/pytest -m bi

.cache/superset/.ready: requirements-superset.lock .venv/.ready
	@test -x .cache/superset/bin/python || $(PYTHON) -m venv .cache/superset
	@$(BIN)/uv pip install --quiet --python .cache/superset/bin/python --no-deps --require-hashes \
		-r requirements-superset.lock
	@touch $@

lint-python: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy

# Reading every model as SQL takes minutes: a proof for make test-slow, and for whoever writes models.
lint: lint-python
	@$(BIN)/sqlfluff lint --quiet --disable-progress-bar --processes 2 models tests

# The picture of rooms and arrows in CONTRIBUTING.md.
map: setup
	@$(BIN)/python tests/python/house.py

# After code of a figure was changed that means what it meant: its new fingerprint, in seeds/definitions.csv.
definitions: setup
	@$(BIN)/python tests/python/definition_versions.py

docs: setup
	@$(BIN)/pointworth docs

# ONLY: which of demo, tiny, comparison, readers, unchanged, clients, scaling; LINES: invoice lines of all
# but the last; SIZES: those of the scaling, with commas; MEMORY: the memory limit of the last three.
# Spark takes part after make spark, unless SPARK=no-spark. BEFORE: a checkout of another version, set
# up, to be timed beside this one.
ONLY ?= demo,tiny,comparison,readers,unchanged,clients,scaling
LINES ?= 10000000
SIZES ?= 1000000,10000000
MEMORY ?= 8GB
SPARK ?= spark
bench: setup
	@$(BIN)/python -m benchmarks --only $(ONLY) --lines $(LINES) --sizes $(SIZES) \
		--memory-limit $(MEMORY) --$(SPARK) $(if $(BEFORE),--before $(BEFORE))

# After a change of pyproject.toml: pins everything again, with hashes and without registry addresses.
lock: setup
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-strip-extras --extra dev \
		pyproject.toml --output-file requirements.lock
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-strip-extras --extra spark \
		--constraint requirements.lock pyproject.toml --output-file requirements-spark.lock
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-strip-extras \
		requirements-superset.in --output-file requirements-superset.lock

clean:
	rm -rf .venv .cache warehouse target logs .pytest_cache .mypy_cache .ruff_cache
