"""A process of a distributed run does not outlive its launcher."""

import signal
import subprocess
import sys
import time

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
