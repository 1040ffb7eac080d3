"""A process of a distributed run does not outlive its launcher."""

import os
import signal
import subprocess
import sys
import time

import pytest

from stslidr.running.orphans import TORCHRUN, is_orphan
from support.commands import ROOT, is_alive

CHILD = f"""
import os, sys, time
sys.path.insert(0, {str(ROOT / 'projects/STSLidR')!r})
from stslidr.running.orphans import end_with_parent
end_with_parent()
print(os.getpid(), flush=True)
time.sleep(120)
"""
LAUNCHER = """
import subprocess, sys
process = subprocess.Popen([sys.executable, '-c', sys.argv[1]])
process.wait()
"""


def test_it_ends_when_the_launcher_is_killed():
    launcher = subprocess.Popen(
        [sys.executable, '-c', LAUNCHER, CHILD],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    child = int(launcher.stdout.readline())
    time.sleep(0.2)
    assert is_alive(child)
    launcher.send_signal(signal.SIGKILL)
    launcher.communicate(timeout=60)  # the child's end closes the pipe
    deadline = time.monotonic() + 60
    while is_alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


LATE = f"""
import os, sys, time
sys.path.insert(0, {str(ROOT / 'projects/STSLidR')!r})
from stslidr.running.orphans import end_with_parent
while os.getppid() == int(sys.argv[1]):
    time.sleep(0.02)
print('taken over by', os.getppid(), flush=True)
end_with_parent()
print('lives on', flush=True)
"""
LEAVING = """
import os, subprocess, sys
subprocess.Popen([sys.executable, '-c', sys.argv[1], str(os.getpid())])
"""


@pytest.mark.parametrize('by_torchrun', [True, False])
def test_a_launcher_that_was_gone_before(by_torchrun):
    environment = {key: value for key, value in os.environ.items() if key != TORCHRUN}
    if by_torchrun:
        environment[TORCHRUN] = 'none'
    done = subprocess.run(
        [sys.executable, '-c', LEAVING, LATE],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        timeout=60,
    )
    first, *rest = done.stdout.splitlines()
    if first != 'taken over by 1':
        pytest.skip(f'{first}: another process than the first takes over orphans here')
    assert rest == ([] if by_torchrun else ['lives on'])


def test_torchrun_may_be_the_first_process_of_a_container(tmp_path, monkeypatch):
    init = tmp_path / 'cmdline'
    monkeypatch.setattr(os, 'getppid', lambda: 1)
    monkeypatch.setenv(TORCHRUN, 'none')
    init.write_bytes(b'/sbin/init\0')
    assert is_orphan(init)
    init.write_bytes(b'/usr/bin/python\0-m\0torch.distributed.run\0')
    assert not is_orphan(init)
    assert not is_orphan(tmp_path / 'absent')
    init.write_bytes(b'/sbin/init\0')
    monkeypatch.setattr(os, 'getppid', lambda: 17)
    assert not is_orphan(init)
    monkeypatch.setattr(os, 'getppid', lambda: 1)
    monkeypatch.delenv(TORCHRUN)
    assert not is_orphan(init)
