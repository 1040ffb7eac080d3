"""The tools as a user starts them, in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {'OMP_NUM_THREADS': '1', **os.environ, 'OMP_WAIT_POLICY': 'PASSIVE'}


def start(
    *arguments: object, cwd: Path, output: int | IO[str] = subprocess.PIPE
) -> subprocess.Popen:
    """Start ``python ARGUMENTS`` in a session of its own, output and errors in one place."""
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=ENVIRONMENT,
        text=True,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # what a shell starts in the background inherits that Ctrl-C is ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def run(*arguments: object, cwd: Path, expect: int = 0) -> str:
    """Run ``python ARGUMENTS`` to its end, which must be ``expect``; return what it printed."""
    process = start(*arguments, cwd=cwd)
    try:
        output, _ = process.communicate(timeout=3000)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert (process.returncode == 0) == (expect == 0), output[-3000:]
    return output


def prepare_keyframe(root: Path, folder: Path) -> None:
    """Write info file and superpixels of the keyframe in ``root`` by the README's commands."""
    infos = folder / 'nuscenes_infos_pretrain.pkl'
    run(
        ROOT / 'tools/create_data.py',
        'nuscenes',
        '--root',
        root,
        '--version',
        'v1.0-mini',
        '--out',
        folder,
        cwd=folder,
    )
    run(
        ROOT / 'tools/create_superpixels.py',
        infos,
        '--root',
        root,
        '--out',
        folder / 'superpixels/slic',
        '--workers',
        '2',
        cwd=folder,
    )


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not reaped does not."""
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rsplit(')', 1)[1].split()[0] not in 'ZX'
    except FileNotFoundError:
        return False
