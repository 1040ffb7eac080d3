"""Children that do not outlive their study, whose folder stays locked until they are gone."""

import signal
import subprocess
import sys
import time

import pytest

from stslidr.files.folder_lock import hold_folder
from stslidr_studies.study import process_guard as guard
from stslidr_studies.study.child_processes import Children
from support.commands import ENVIRONMENT, ROOT, is_alive

PACKAGE = ROOT / 'projects/STSLidR'
CHILD = 'import os, time; print(os.getpid(), flush=True); {extra}time.sleep(60)'
PARENT = f"""
import sys; sys.path.insert(0, {str(PACKAGE)!r})
import signal, time
from pathlib import Path
from stslidr.files.folder_lock import hold_folder
from stslidr_studies.study.child_processes import Children
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell ignores it
with hold_folder(Path('out'), 'results', keep_for_children=True) as lock:
    with Children(lock) as children:
        children.start([sys.executable, '-c', sys.argv[1]], Path('log'), {{}})
        time.sleep(60)
"""


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# a child that starts one of its own, and one that does not listen to SIGTERM
FORKS = 'os.fork() or print(os.getpid(), flush=True); '
# and one that puts its own into another session, as torchrun does with its workers, and leaves it
# there when it is told to end
SESSION = (
    'os.fork() or (os.setsid(), print(os.getpid(), flush=True), time.sleep(60), os._exit(0)); '
)
DEAF = 'import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); '


@pytest.mark.parametrize('extra', [FORKS, DEAF, SESSION])
@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGINT])
def test_children_and_theirs_end_with_the_study(tmp_path, extra, number):
    process = subprocess.Popen(
        [sys.executable, '-c', PARENT, CHILD.format(extra=extra)],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stderr=subprocess.DEVNULL,
    )
    log = tmp_path / 'log'
    wait_until(lambda: log.exists() and len(log.read_text().split()) == 1 + (extra != DEAF))
    pids = [int(word) for word in log.read_text().split()]
    assert all(map(is_alive, pids))
    process.send_signal(number)
    process.wait(timeout=60)
    with hold_folder(tmp_path / 'out', 'results'):  # waits until all are gone
        assert not any(map(is_alive, pids))


def test_the_guard_kills_what_carries_its_mark_alone():
    own, other = (
        subprocess.Popen(['sleep', '60'], env={guard.VARIABLE: mark}) for mark in ('own', 'own2')
    )
    wait_until(lambda: guard.find_marked('own') == {own.pid})
    guard.kill_marked('own')
    assert own.wait(timeout=60) == -signal.SIGKILL
    assert guard.find_marked('own') == set()
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_child_says_how_it_ended(tmp_path):
    with hold_folder(tmp_path, 'results') as lock, Children(lock) as children:
        process = children.start(
            [sys.executable, '-c', 'print("said"); raise SystemExit(3)'], tmp_path / 'log', {}
        )
        wait_until(lambda: children.ended(process))
        assert process.returncode == 3
    assert (tmp_path / 'log').read_text() == 'said\n'
