#!/usr/bin/env bash
# tools/dist_train.sh CONFIG PROCESSES [options of tools/train.py]; one process a GPU (or a CPU core)
# PORT=29501 before it where another run has 29500.

TOOLS=$(dirname "$0")
if [ $# -lt 2 ]; then
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
fi
exec bash "$TOOLS/launch_ranks.sh" "$2" "$TOOLS/train.py" "$1" --launcher pytorch "${@:3}"
