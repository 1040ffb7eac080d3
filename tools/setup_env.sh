#!/usr/bin/env bash
# tools/setup_env.sh VENV: makes the virtual environment that the Makefile uses. Goes on where it stopped.
#   PYTHON       interpreter, 3.11 (default python3)
#   TORCH_INDEX  package index to take torch from (default: the one pip is configured with)
#   MAX_JOBS     compilers at a time for mmcv (default: all cores)
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=$1
PYTHON=${PYTHON:-python3}
started=$SECONDS
step() { printf '[%4d s] %s\n' $((SECONDS - started)) "$*"; }

"$PYTHON" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
    echo "error: the pinned environment is for Python 3.11; name one with PYTHON=python3.11" >&2
    exit 1
}
export PIP_DISABLE_PIP_VERSION_CHECK=1

step "1/5 virtual environment in $VENV"
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
pip() { "$VENV/bin/python" -m pip "$@"; }

step "2/5 torch"
pip install -q -r requirements/build.txt
pip install -q -r requirements/torch.txt ${TORCH_INDEX:+--index-url "$TORCH_INDEX"}

step "3/5 everything else that comes as a wheel"
pip install -q --no-deps -r requirements/lock.txt

step "4/5 mmcv, compiled from source: about 20 minutes on two cores, once (pip caches the wheel)"
log=$VENV/mmcv-build.log
if ! "$VENV/bin/python" -c 'import mmcv.ops' 2>/dev/null; then
    MMCV_WITH_OPS=1 pip install -v --no-deps --no-build-isolation -r requirements/mmcv.txt 2>&1 |
        tee "$log" | { grep --line-buffered -oE '^ *\[[0-9]+/[0-9]+\]' || true; } |
        while read -r done; do step "      compiled $done"; done || true
    "$VENV/bin/python" -c 'import mmcv.ops' || {
        echo "error: mmcv did not build; the compiler's output is in $log" >&2
        exit 1
    }
fi

step "5/5 this project"
pip install -q --no-deps --no-build-isolation -e .
step "done: $VENV"
