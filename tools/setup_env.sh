#!/usr/bin/env bash
# tools/setup_env.sh VENV: makes the virtual environment that the Makefile uses. Goes on where it stopped.
#   PYTHON       interpreter, 3.11 (default python3)
#   TORCH_INDEX  package index to take torch from (default: the one pip is configured with)
#   MMCV         lite (no compiled operators) or full (compiles them); default: the one that is there, or lite
#   MAX_JOBS     compilers at a time for mmcv (default: all cores)
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=$1
PYTHON=${PYTHON:-python3}
MMCV=${MMCV:-}
started=$SECONDS
step() { printf '[%4d s] %s\n' $((SECONDS - started)) "$*"; }

"$PYTHON" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
    echo "error: the pinned environment is for Python 3.11; name one with PYTHON=python3.11" >&2
    exit 1
}
case $MMCV in
'' | lite | full) ;;
*)
    echo "error: MMCV=$MMCV; it is lite or full" >&2
    exit 1
    ;;
esac
export PIP_DISABLE_PIP_VERSION_CHECK=1

step "1/5 virtual environment in $VENV"
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
pip() { "$VENV/bin/python" -m pip "$@"; }

step "2/5 torch"
pip install -q -r requirements/build.txt
pip install -q -r requirements/torch.txt ${TORCH_INDEX:+--index-url "$TORCH_INDEX"}

step "3/5 everything else that comes as a wheel"
pip install -q --no-deps -r requirements/lock.txt

# mmcv and mmcv-lite share one folder: the other one goes before one comes.
installed() { "$VENV/bin/python" -c "from importlib.metadata import version; version('$1')" 2>/dev/null; }
[ -n "$MMCV" ] || { installed mmcv && MMCV=full; } || MMCV=lite
if [ "$MMCV" = lite ]; then
    step "4/5 mmcv-lite: mmcv without compiled operators"
    ! installed mmcv || pip uninstall -q -y mmcv mmcv-lite
    pip install -q --no-deps -r requirements/mmcv_lite.txt
else
    step "4/5 mmcv, compiled from source: about 20 minutes on two cores, once (pip caches the wheel)"
    ! installed mmcv-lite || pip uninstall -q -y mmcv mmcv-lite
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
fi

step "5/5 this project"
pip install -q --no-deps --no-build-isolation -e .
"$VENV/bin/python" -c 'import stslidr, mmcv.ops'
step "done: $VENV, with mmcv ($MMCV)"
