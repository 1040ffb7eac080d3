"""Progress is drawn while results pass; processes end when those who started them do."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stslidr.tooling import processes, progress
from stslidr.tooling.processes import run_parallel

SOURCE = Path(processes.__file__).parents[2]


def test_results_are_passed_on_one_by_one():
    """A bar that collected first would hold all results in memory."""
    made = []

    def results():
        for number in range(4):
            made.append(number)
            yield number

    shown = progress.show_progress(results(), 4, 0, 'numbers')
    assert next(shown) == 0 and made == [0]
    assert list(shown) == [1, 2, 3]


@pytest.mark.parametrize(('terminal', 'seconds'), [(True, 0.2), (False, 30.0)])
def test_a_log_file_is_not_filled_with_bars(monkeypatch, terminal, seconds):
    settings = {}
    bar = progress.tqdm

    def note(**given):
        settings.update(given)
        return bar(**given)

    monkeypatch.setattr(progress, 'tqdm', note)
    monkeypatch.setattr(sys.stderr, 'isatty', lambda: terminal, raising=False)
    assert list(progress.show_progress(iter([1]), 3, 2, 'maps')) == [1]
    assert settings == dict(total=3, initial=2, desc='maps', mininterval=seconds)


def test_an_error_between_results_goes_through(capsys):
    def results():
        yield 1
        raise ZeroDivisionError('in the second')

    with pytest.raises(ZeroDivisionError, match='in the second'):
        list(progress.show_progress(results(), 2, 0, 'numbers'))
    assert '1/2' in capsys.readouterr().err


def slow(number):
    time.sleep(0.02)
    return os.getpid(), number


def test_memory_is_bounded_as_few_tasks_wait():
    """Items are taken as results are: never many more than there are workers."""
    taken = []

    class Items(list):
        def __iter__(self):
            for item in super().__iter__():
                taken.append(item)
                yield item

    results = run_parallel(slow, Items(range(40)), 2)
    first = next(results)
    assert len(taken) <= 2 * 2 + 1 and first[0] != os.getpid()
    rest = list(results)
    assert sorted(number for _, number in [first, *rest]) == list(range(40))
    assert 1 <= len({process for process, _ in [first, *rest]}) <= 2


def test_workers_end_with_a_parent_that_was_killed(tmp_path):
    (tmp_path / 'task.py').write_text(
        'import os, time, pathlib\n'
        'def task(folder):\n'
        '    pathlib.Path(folder, str(os.getpid())).touch()\n'
        '    time.sleep(60)\n'
    )
    (tmp_path / 'pids').mkdir()
    code = (
        'from task import task\n'
        'from stslidr.tooling.processes import run_parallel\n'
        f"if __name__ == '__main__': list(run_parallel(task, [{str(tmp_path / 'pids')!r}], 1))"
    )
    (tmp_path / 'main.py').write_text(code)
    environment = {**os.environ, 'PYTHONPATH': f'{SOURCE}:{tmp_path}'}
    parent = subprocess.Popen([sys.executable, tmp_path / 'main.py'], env=environment)
    worker = wait_for(lambda: next(iter(os.listdir(tmp_path / 'pids')), None))
    parent.kill()
    parent.wait()
    assert wait_for(lambda: not running(int(worker)))


def running(process):
    """Whether there is such a process that is not a zombie."""
    try:
        return Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition, seconds=30):
    """What a condition gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError('nothing came')
