"""The lock of a folder, and children that do not outlive their study."""

import os
import signal
import subprocess
import sys
import time

import pytest

from stslidr.errors import InputError
from stslidr_studies.study import child_processes as processes
from stslidr_studies.study import process_guard as guard
from stslidr_studies.study.child_processes import LOCK, Children, hold_folder
from support.commands import ENVIRONMENT, ROOT

PACKAGE = ROOT / 'projects/STSLidR'
CHILD = 'import os, time; print(os.getpid(), flush=True); {extra}time.sleep(60)'
PARENT = f"""
import sys; sys.path.insert(0, {str(PACKAGE)!r})
import signal, time
from pathlib import Path
from stslidr_studies.study.child_processes import Children, hold_folder
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell ignores it
with hold_folder(Path('out')) as lock, Children(lock) as children:
    children.start([sys.executable, '-c', sys.argv[1]], Path('log'), {{}})
    time.sleep(60)
"""


def is_alive(pid):
    """Whether a process runs; one that is dead and not reaped does not."""
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rsplit(')', 1)[1].split()[0] not in 'ZX'
    except FileNotFoundError:
        return False


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
    with hold_folder(tmp_path / 'out'):  # the next start: it has waited until all are gone
        assert not any(map(is_alive, pids))


def test_a_held_folder_is_refused_by_the_name_of_its_holder(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, 'PATIENCE', 0.2)
    with (
        hold_folder(tmp_path / 'out'),
        pytest.raises(ValueError, match=f'out is in use: process {os.getpid()}'),
        hold_folder(tmp_path / 'out'),
    ):
        pass
    with hold_folder(tmp_path / 'out'):
        pass


def test_a_child_that_outlives_the_guard_keeps_the_lock(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, 'PATIENCE', 0.2)
    with hold_folder(tmp_path / 'out') as lock:
        orphan = subprocess.Popen(
            [sys.executable, '-c', 'input()'], pass_fds=[lock], stdin=subprocess.PIPE
        )
    with pytest.raises(ValueError, match='is in use'), hold_folder(tmp_path / 'out'):
        pass
    orphan.communicate(b'\n')
    with hold_folder(tmp_path / 'out'):
        pass


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
    with hold_folder(tmp_path) as lock, Children(lock) as children:
        process = children.start(
            [sys.executable, '-c', 'print("said"); raise SystemExit(3)'], tmp_path / 'log', {}
        )
        wait_until(lambda: children.ended(process))
        assert process.returncode == 3
    assert (tmp_path / 'log').read_text() == 'said\n'


def test_a_lock_that_is_a_link_to_elsewhere_is_not_followed(tmp_path):
    other = tmp_path / 'other'
    other.write_text('kept')
    (tmp_path / 'out').mkdir()
    (tmp_path / 'out' / LOCK).symlink_to(other)
    with pytest.raises(InputError, match='is a link to .*other'), hold_folder(tmp_path / 'out'):
        pass
    assert other.read_text() == 'kept'
