#!/usr/bin/env bash
# tools/dist_test.sh CONFIG CHECKPOINT PROCESSES [options of tools/test.py]
# PORT=29501 before it where another run has 29500.

TOOLS=$(dirname "$0")
if [ $# -lt 3 ]; then
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
fi
exec bash "$TOOLS/launch_ranks.sh" "$3" "$TOOLS/test.py" "$1" "$2" --launcher pytorch "${@:4}"
