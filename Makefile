# make help lists the targets.
VENV ?= .venv
PYTHON ?= python3
TORCH_INDEX ?=
TEST_PROCESSES ?= 2
PY := $(VENV)/bin/python
STAMP := $(VENV)/.ready
export PYTHON TORCH_INDEX
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: help env test test-gpu lint proof clean

help:          ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

env: $(STAMP)  ## create the pinned environment (mmcv compiles: about 20 minutes on two cores)

$(STAMP): requirements/build.txt requirements/torch.txt requirements/mmcv.txt requirements/lock.txt setup.cfg tools/setup_env.sh
	tools/setup_env.sh $(VENV)
	@touch $@

test: $(STAMP) ## the test suite, after the style check; below 20 minutes on two cores
	$(PY) -m ruff check .
	$(PY) -m pytest -n $(TEST_PROCESSES) --dist loadfile

test-gpu: $(STAMP) ## the tests that need a CUDA device
	$(PY) -m pytest -m gpu

lint: $(STAMP) ## the style check alone
	$(PY) -m ruff check .

proof: $(STAMP) ## the longer proofs, on the real keyframe in $$STSLIDR_TEST_DATA; results in docs/proof.md
	$(PY) -m pytest -m slow -s

clean:         ## remove the environment
	rm -rf $(VENV)
