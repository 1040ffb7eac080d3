# make help lists the targets.
VENV ?= .venv
PYTHON ?= python3
TORCH_INDEX ?=
# lite or full; empty: the one that is installed, or lite.
MMCV ?=
TEST_PROCESSES ?= 2
FUZZ ?= 2500
PY := $(VENV)/bin/python
STAMP := $(VENV)/.ready
# Small environments of their own, made in seconds: they need no torch.
LINT_VENV ?= .venv-lint
LINT_PY := $(LINT_VENV)/bin/python
LINT_STAMP := $(LINT_VENV)/.ready
DOCS_VENV ?= .venv-docs
DOCS_PY := $(DOCS_VENV)/bin/python
DOCS_STAMP := $(DOCS_VENV)/.ready
export PYTHON TORCH_INDEX MMCV
export OMP_WAIT_POLICY ?= PASSIVE
export NO_MKDOCS_2_WARNING := 1

ANSWERS := $(CURDIR)/$(VENV)/fault-answers.jsonl
DEMO := work_dirs/demo
DEMO_DATA := data/demo

.PHONY: help env test test-plugin test-faults fuzz test-gpu lint typecheck docs proof demo clean-demo clean FORCE

help:          ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

env: $(STAMP)  ## create the pinned environment, in 2 to 3 minutes; MMCV=full also compiles mmcv's operators

$(STAMP): requirements/build.txt requirements/torch.txt requirements/mmcv.txt requirements/mmcv_lite.txt requirements/lock.txt setup.cfg tools/setup_env.sh
	tools/setup_env.sh $(VENV)
	@touch $@

ifneq ($(MMCV),)  # asked for by name: the other one may be there
$(STAMP): FORCE
endif
FORCE:

$(LINT_STAMP): requirements/lint.txt
	$(PYTHON) -m venv $(LINT_VENV)
	$(LINT_PY) -m pip install -q --disable-pip-version-check -r $<
	@touch $@

$(DOCS_STAMP): requirements/docs.txt
	$(PYTHON) -m venv $(DOCS_VENV)
	$(DOCS_PY) -m pip install -q --disable-pip-version-check -r $<
	@touch $@

test: lint typecheck $(STAMP) ## the test suite, after style and types; below 20 minutes on two cores
	$(PY) -m pytest -n $(TEST_PROCESSES) --dist loadfile

test-plugin: $(STAMP) ## the tests of the plugin alone, 3 minutes on two cores
	$(PY) -m pytest -n $(TEST_PROCESSES) --dist loadfile tests/plugin tests/package

test-faults: $(STAMP) ## all faults of docs/faults.md, of which `make test` has each second one
	rm -f $(ANSWERS)
	STSLIDR_FAULT_ANSWERS=$(ANSWERS) $(PY) -m pytest -n $(TEST_PROCESSES) --dist loadfile \
		-m "faults or not faults" tests/faults --deselect tests/faults/test_fault_page.py
	$(PY) tests/faults/write_page.py $(ANSWERS)

fuzz: $(STAMP) ## every reader meets FUZZ files that are slightly wrong; `make test` makes 40 of each
	STSLIDR_FUZZ=$(FUZZ) $(PY) -m pytest -n $(TEST_PROCESSES) -o timeout=0 tests/fuzz

test-gpu: $(STAMP) ## the tests that need a CUDA device
	$(PY) -m pytest -m gpu

lint: $(LINT_STAMP) ## the style check alone, in an environment of its own
	$(LINT_PY) -m ruff check .
	$(LINT_PY) -m ruff format --check .

typecheck: $(LINT_STAMP) ## the types, without the big environment
	$(LINT_PY) -m mypy

docs: $(DOCS_STAMP) ## the site, in site/; fails on a broken link and on a public name without docstring
	$(DOCS_PY) -m mkdocs build --strict

proof: $(STAMP) ## the longer proofs, on the real keyframe in $$STSLIDR_TEST_DATA; results in docs/proof.md
	$(PY) -m pytest -m slow -s -o timeout=0

demo: $(STAMP) ## a synthetic city, pretraining and linear probes, a report: docs/demo.md
	$(PY) tools/create_synthetic.py --root $(DEMO_DATA) --scenes 50 --keyframes 2 --seed 0 --image-size 320x180
	$(PY) tools/create_data.py nuscenes --root $(DEMO_DATA) --version v1.0-synthetic
	$(PY) tools/create_superpixels.py $(DEMO_DATA)/nuscenes_infos_synthetic_train.pkl --root $(DEMO_DATA) --out $(DEMO_DATA)/superpixels/slic
	$(PY) tools/create_superpixels.py $(DEMO_DATA)/nuscenes_infos_synthetic_val.pkl --root $(DEMO_DATA) --out $(DEMO_DATA)/superpixels/slic
	$(PY) tools/run_experiment.py studies/demo.yaml --out $(DEMO)
	$(PY) tools/draw_report.py studies/demo.yaml --results $(DEMO) --out $(DEMO)/report.html

clean-demo:    ## remove the demo's data and results
	rm -rf $(DEMO) $(DEMO_DATA)

clean:         ## remove the environments and the site
	rm -rf $(VENV) $(LINT_VENV) $(DOCS_VENV) site
