#!/usr/bin/env bash
# tools/launch_ranks.sh PROCESSES SCRIPT [arguments]: what dist_train.sh and dist_test.sh share.
#   NNODES, NODE_RANK, MASTER_ADDR, PORT   of several machines; PORT also where two runs share one

NNODES=${NNODES:-1}
NODE_RANK=${NODE_RANK:-0}
PORT=${PORT:-29500}
MASTER_ADDR=${MASTER_ADDR:-"127.0.0.1"}

python - "$PORT" "$NODE_RANK" <<'PYTHON' || exit 1
import socket, sys

port, node = sys.argv[1:]
if not (port.isdecimal() and int(port) < 2**16):
    sys.exit(f'error: PORT={port} is no port, a number below 65536')
try:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if node == '0':
            listener.bind(('', int(port)))
except OSError as reason:
    sys.exit(
        f'error: port {port} cannot be used ({reason.strerror}), as where another run has it: '
        f'choose one with PORT={int(port) + 1} before the command'
    )
PYTHON

exec python -m torch.distributed.run \
    --nnodes="$NNODES" \
    --node_rank="$NODE_RANK" \
    --master_addr="$MASTER_ADDR" \
    --nproc_per_node="$1" \
    --master_port="$PORT" \
    "${@:2}"
