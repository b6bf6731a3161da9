# Everything a developer needs, in a virtual environment of this checkout.
#
#   make run ARGS="--for 30"   the demonstration, without a cloud
#   make test                  unit, component and functional tests
#   make faults ARGS="--seconds 1800"   faults of every kind, and an oracle
#   make cloud                 tests against the OpenStack named by OS_CLOUD
#   make integrations          tests beside Vitrage and Watcher, from PyPI
#   make bench                 measure, in a short form; ARGS="sweeps" for one
#   make package               sdist and wheel into dist/, and each one tried
#   make audit                 known holes in what we need (asks PyPI)
#   make pep8 | docs | releasenotes | genconfig | clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := $(VENV)/.installed-demo
TEST := $(VENV)/.installed-test
DOCS := $(VENV)/.installed-docs
PACKAGED := setup.cfg setup.py pyproject.toml requirements.txt tools/venv.sh

export VENV
# every program of a test would compile all modules again
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test faults cloud integrations bench package audit pep8 docs \
	releasenotes genconfig clean

# exec: a signal meets the program itself, and its exit code is the recipe's
run: $(DEMO)
	@exec $(BIN)/python -m synchronizer.cmd.demo $(ARGS)

test: $(TEST)
	@exec tools/test.sh $(ARGS)

faults: $(TEST)
	@tools/install-servers.sh
	@exec $(BIN)/python -m synchronizer.tests.functional.faults $(ARGS)

cloud: $(TEST)
	@exec $(BIN)/python tools/suites.py cloud

integrations: $(TEST)
	tools/vitrage.sh
	tools/watcher-venv.sh
	$(BIN)/python -m unittest \
		synchronizer.tests.functional.test_vitrage \
		synchronizer.tests.functional.test_watcher

bench: $(TEST)
	@exec $(BIN)/python -m benchmarks --short $(ARGS)

package:
	@PYTHON=$(PYTHON) exec tools/package.sh $(ARGS)

audit:
	@PYTHON=$(PYTHON) exec tools/audit.sh

pep8: $(TEST)
	@exec tools/pep8.sh

docs: $(DOCS)
	$(BIN)/sphinx-build -q -W --keep-going -b html doc/source doc/build/html

releasenotes: $(DOCS)
	$(BIN)/sphinx-build -q -W --keep-going -b html \
		releasenotes/source releasenotes/build/html

genconfig: $(DEMO)
	PYTHONWARNINGS=ignore $(BIN)/oslo-config-generator \
		--config-file etc/synchronizer-config-generator.conf

.PHONY: genpolicy
genpolicy: $(DEMO)
	PYTHONWARNINGS=ignore $(BIN)/oslopolicy-sample-generator \
		--config-file etc/synchronizer-policy-generator.conf

clean:
	rm -rf $(VENV) .stestr .coverage cover build dist doc/build \
		releasenotes/build etc/*.sample .ruff_cache \
		*.egg-info AUTHORS ChangeLog
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(DEMO): $(PACKAGED)
	@PYTHON=$(PYTHON) tools/venv.sh demo

$(TEST): $(PACKAGED) test-requirements.txt
	@PYTHON=$(PYTHON) tools/venv.sh test

$(DOCS): $(PACKAGED) doc/requirements.txt
	@PYTHON=$(PYTHON) tools/venv.sh docs
