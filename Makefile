# Consensus Lab
#
#   make book        build the book and serve it
#   make executed    only run the notebooks, for the book and the tests
#   make test        everything that CI checks
#   make notebooks   run every notebook and store its outputs
#   make bundles     bundle the widgets' JavaScript and compile the explorer's kernel, as the others do by themselves
#   make bench       speed figures
#   make soak        commands on real processes that are killed at random; make soak COMMANDS=1000000
#   make clean       remove what was built and installed

PYTHON ?= python3
PORT ?= 8000
COMMANDS ?= 100000
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

NOTEBOOKS := $(wildcard book/*.ipynb)
PACKAGE := $(shell find consensus_lab -type f -not -name '*.js' -not -path '*/.*' -not -path '*/__pycache__/*' -not -path '*/widgets/bundles/*' -not -name 'kernel.wasm' -not -name 'kernel.sha256')
SOURCES := $(shell find book consensus_lab -type f -not -path '*/.*' -not -path '*/__pycache__/*' -not -path '*/widgets/bundles/*' -not -name 'kernel.wasm' -not -name 'kernel.sha256')

.DELETE_ON_ERROR:
.PHONY: book html executed test notebooks bundles bench soak clean

book: _build/built
	@$(BIN)/python tools/serve.py _build/html $(PORT)

html: _build/built

# No cell has a script of ours in its output, so the notebooks are run anew for all but a change of those.
executed: $(NOTEBOOKS:book/%=.executed/%)

.executed/%.ipynb: book/%.ipynb .venv/ready tools/notebooks.py $(PACKAGE)
	@echo 'Running $<.'
	@$(BIN)/python tools/notebooks.py --into .executed $<

test: .venv/ready-to-test .venv/pyodide bundles
	@tools/system-packages
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	@$(BIN)/python -m tests.run

notebooks: .venv/ready-to-test bundles
	$(BIN)/python tools/notebooks.py

bench: .venv/ready-to-test bundles
	@$(BIN)/python -m benchmarks.simulate
	@$(BIN)/python -m benchmarks.explore

soak: .venv/ready-to-test
	SOAK=$(COMMANDS) $(BIN)/pytest tests/cluster/test_raft.py -k acknowledged -s

clean:
	rm -rf .venv _build .executed consensus_lab/widgets/bundles consensus_lab/exploration/kernel.wasm .hypothesis .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Consensus Lab needs Python 3.11 or newer, and $(PYTHON) is not.'; \
	  echo 'Name one that is:  make PYTHON=python3.12 $(MAKECMDGOALS)'; \
	  exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/ready: .venv/python requirements.txt pyproject.toml
	@echo 'Installing into .venv: once, about a minute.'
	@$(PIP) --requirement requirements.txt --editable .
	@mkdir -p .venv/etc/ipython  # where kernels are told not to warn that they talk to this machine in plain text
	@echo '{"IPKernelApp": {"log_level": "ERROR"}}' > .venv/etc/ipython/ipython_kernel_config.json
	@touch $@

.venv/ready-to-test: .venv/ready requirements-dev.txt
	@echo 'Installing what the tests need.'
	@$(PIP) --requirement requirements-dev.txt
	@touch $@

.venv/pyodide: .venv/ready tools/pyodide.py
	@echo 'Getting the Python that runs in the page.'
	@$(BIN)/python tools/pyodide.py $@
	@touch $@

.venv/editor: .venv/ready tools/editor.py tools/npm.py tools/npm.json tools/editor.js
	@echo 'Bundling the editor of the exercises.'
	@$(BIN)/python tools/editor.py $@
	@touch $@

.venv/lite/ready: .venv/pyodide requirements-lite.txt tools/lite.py
	@echo 'Getting what JupyterLite is made of.'
	@$(BIN)/python tools/lite.py get
	@touch $@

bundles: .venv/ready
	@$(BIN)/python tools/bundle.py
	@$(BIN)/python tools/kernel.py

# Pages and pictures of an earlier build would go unnoticed, so each build starts from nothing.
_build/built: .venv/ready .venv/editor .venv/lite/ready _config.yml _toc.yml $(SOURCES)
	@$(BIN)/python tools/bundle.py
	@$(BIN)/python tools/kernel.py
	@$(MAKE) --silent --jobs=2 executed
	@echo 'Building the book.'
	@rm -rf _build
	@$(BIN)/jupyter-book build . --quiet --nitpick --warningiserror --keep-going
	@touch $@
