"""Parallel runs: order of things, errors, processes that die; and shards."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslidr.tooling import processes as runner
from stslidr.tooling.processes import THREAD_VARIABLES, parse_shard, run_parallel, usable_cpus
from stslidr.tooling.progress import show_progress


def square(number):
    return number * number


def report_worker(_):
    time.sleep(0.05)
    return os.getpid(), [os.environ.get(name) for name in THREAD_VARIABLES]


def leave_trace(folder, number):
    Path(folder, str(number)).touch()
    if number == 3:
        raise ValueError('number 3 is broken')


def die_at_two(number):
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_every_item_is_done_once():
    assert sorted(run_parallel(square, range(50), workers=2)) == [i * i for i in range(50)]
    assert list(run_parallel(square, [], workers=2)) == []


def test_workers_are_other_processes_with_one_thread_and_the_environment_stays(monkeypatch):
    monkeypatch.setenv('OMP_NUM_THREADS', '7')
    monkeypatch.delenv('MKL_NUM_THREADS', raising=False)
    results = list(run_parallel(report_worker, range(12), workers=2))
    processes = {process for process, _ in results}
    assert 1 <= len(processes) <= 2 and os.getpid() not in processes
    assert all(threads == ['1', '1', '1'] for _, threads in results)
    assert os.environ['OMP_NUM_THREADS'] == '7' and 'MKL_NUM_THREADS' not in os.environ


def test_only_a_few_items_are_taken_ahead_of_the_results():
    class Counting(list):
        taken = 0

        def __iter__(self):
            for item in super().__iter__():
                self.taken += 1
                yield item

    items = Counting(range(40))
    for finished, _ in enumerate(run_parallel(square, items, workers=2), start=1):
        assert items.taken <= finished + 4


def test_an_error_reaches_the_caller_and_stops_the_run(tmp_path):
    with pytest.raises(ValueError, match='number 3 is broken'):
        list(run_parallel(partial(leave_trace, tmp_path), range(200), workers=2))
    assert 1 <= len(list(tmp_path.iterdir())) < 100


def test_a_killed_worker_is_an_error_that_names_the_items():
    with pytest.raises(ChildProcessError, match=r'out of memory.*\b2\b'):
        list(run_parallel(die_at_two, range(10), workers=1))


def test_workers_end_when_their_parent_is_killed(tmp_path):
    """The pipe of stdout closes when the last process that holds it is gone."""
    script = tmp_path / 'parent.py'
    script.write_text(
        'import sys, time\n'
        f'sys.path[:0] = {[entry for entry in sys.path if entry]!r}\n'
        'from stslidr.tooling.processes import run_parallel\n'
        'if __name__ == "__main__":\n'
        '    results = run_parallel(time.sleep, [0.01, 600, 600], workers=2)\n'
        '    next(results)\n'
        '    print("started", flush=True)\n'
        '    list(results)\n'
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b'started\n'
        parent.kill()
        rest, _ = parent.communicate(timeout=20)
    assert rest == b''


def test_progress_shows_rate_and_remaining_time_without_what_was_there(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, 'stderr', terminal)

    def results():
        for index in range(8):
            time.sleep(0.25)
            yield index

    assert list(show_progress(results(), total=1008, finished=1000, description='slic')) == list(
        range(8)
    )
    shown = terminal.getvalue().split('\r')[-2]  # the state before the last
    assert shown.startswith('slic') and '/1008' in shown and 'it/s' in shown
    rate = float(shown.split('it/s')[0].rsplit(',', 1)[1])
    assert rate < 5  # 4 a second, not (1000 + 8) / 2 s


@given(count=st.integers(1, 12), items=st.integers(0, 40), first=st.sampled_from([0, 1]))
def test_shards_are_disjoint_and_complete_counted_from_0_or_1(count, items, first):
    shards = [parse_shard(f'{index}/{count}') for index in range(first, count + first)]
    taken = [item for index, step in shards for item in range(items)[index::step]]
    assert sorted(taken) == list(range(items))


@pytest.mark.parametrize('text', ['', '1', '/', '1/', '/2', '3/2', '-1/2', '0/0', 'a/b', '1/2/3'])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(ValueError, match='shard'):
        parse_shard(text)


@pytest.mark.parametrize(
    'quota, cpus',
    [(None, 6), ('max 100000', 6), ('250000 100000', 2), ('50000 100000', 1), ('900000 100000', 6)],
)
def test_usable_cpus_is_what_the_scheduler_and_a_container_allow(
    tmp_path, monkeypatch, quota, cpus
):
    monkeypatch.setattr(os, 'sched_getaffinity', lambda process: set(range(6)))
    monkeypatch.setattr(runner, 'CPU_QUOTA', tmp_path / 'cpu.max')
    if quota is not None:
        (tmp_path / 'cpu.max').write_text(f'{quota}\n')
    assert usable_cpus() == cpus
