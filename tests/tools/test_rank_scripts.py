"""The scripts that start several processes: what they say before any of them runs."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = {'dist_train.sh': ['config.py', '2'], 'dist_test.sh': ['config.py', 'weights.pth', '2']}


def start(script, *arguments, **environment):
    path = f'{Path(sys.executable).parent}:{os.environ["PATH"]}'
    return subprocess.run(
        [ROOT / 'tools' / script, *arguments],
        env={**os.environ, 'PATH': path, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize('script', ARGUMENTS)
def test_a_taken_port_names_what_changes_it(script):
    with socket.create_server(('', 0)) as server:
        port = server.getsockname()[1]
        done = start(script, *ARGUMENTS[script], PORT=str(port))
    assert done.returncode == 1
    assert done.stderr.startswith(f'error: port {port} cannot be used (Address already in use)')
    assert f'PORT={port + 1}' in done.stderr and done.stderr.count('\n') == 1


@pytest.mark.parametrize('port', ['65536', 'http', '-1', ' '])
def test_what_is_no_port(port):
    done = start('dist_train.sh', 'config.py', '2', PORT=port)
    assert (done.returncode, done.stderr.count('\n')) == (1, 1)
    assert done.stderr.startswith(f'error: PORT={port} is no port')


@pytest.mark.parametrize('script', ARGUMENTS)
def test_too_few_arguments(script):
    done = start(script, *ARGUMENTS[script][:-1])
    assert done.returncode == 2
    assert done.stderr.startswith(f'tools/{script} CONFIG') and 'PROCESSES' in done.stderr
