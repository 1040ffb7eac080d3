"""Progress lines of a study: counts, times, and the estimate against its definition."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslidr_studies.study import study_progress
from stslidr_studies.study.cells import enumerate_cells
from stslidr_studies.study.study_progress import Progress, clock
from support.made_up_cells import make_study

CELLS = enumerate_cells(make_study(seeds=(0,)))
RANDOM_PROBE, RANDOM_ONE, GOOD, GOOD_PROBE, GOOD_ONE, PROBED, PROBED_PROBE = CELLS


class Time:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def time(monkeypatch):
    made = Time()
    monkeypatch.setattr(study_progress, 'time', made)
    return made


@pytest.mark.parametrize(
    'seconds, said',
    [
        (0, '0:00:00'),
        (0.4, '0:00:00'),
        (0.6, '0:00:01'),
        (59.7, '0:01:00'),
        (3599.6, '1:00:00'),
        (61, '0:01:01'),
        (360_000, '100:00:00'),
    ],
)
def test_seconds_on_the_clock(seconds, said):
    assert clock(seconds) == said


@given(st.floats(0, 1e7))
def test_the_clock_says_what_it_was_given(seconds):
    hours, minutes, rest = map(int, clock(seconds).split(':'))
    assert minutes < 60 and rest < 60
    assert abs(hours * 3600 + minutes * 60 + rest - seconds) <= 0.5


def test_nothing_is_known_before_the_first_cell_has_ended(time):
    progress = Progress(CELLS, {}, 1)
    assert progress.seconds_left() is None
    progress.start(RANDOM_PROBE)
    time.now += 50
    assert progress.seconds_left() is None


def test_nothing_is_left_when_all_have_ended(time):
    assert Progress(CELLS, dict.fromkeys(CELLS, 5.0), 1).seconds_left() == 0
    assert Progress([], {}, 1).seconds_left() == 0


def test_a_cell_takes_as_long_as_those_of_its_kind(time):
    """The two pretrainings have one config, and so have the probes that start from one."""
    seconds = {GOOD: 100.0, GOOD_PROBE: 10.0, RANDOM_PROBE: 30.0, RANDOM_ONE: 40.0, GOOD_ONE: 7.0}
    assert PROBED.kind == GOOD.kind and PROBED_PROBE.kind == GOOD_PROBE.kind
    assert RANDOM_PROBE.kind != GOOD_PROBE.kind, 'same config, but nothing to start from'
    assert Progress(CELLS, seconds, 1).seconds_left() == pytest.approx(110)
    assert Progress(CELLS, seconds, 2).seconds_left() == pytest.approx(55)
    assert Progress(CELLS, seconds, 8).seconds_left() == pytest.approx(55), 'two cells, two slots'


def test_an_unknown_kind_takes_the_mean_of_all(time):
    seconds = {RANDOM_PROBE: 10.0, RANDOM_ONE: 20.0}
    assert Progress(CELLS, seconds, 1).seconds_left() == pytest.approx(5 * 15)


def test_what_a_running_cell_has_done_is_not_left(time):
    progress = Progress(CELLS[:2], {}, 1)
    progress.start(RANDOM_PROBE)
    time.now += 30
    progress.finish(RANDOM_PROBE, 30.0)
    progress.start(RANDOM_ONE)
    assert progress.seconds_left() == pytest.approx(30)
    time.now += 10
    assert progress.seconds_left() == pytest.approx(20)
    time.now += 100
    assert progress.seconds_left() == 0, 'never less than nothing'


def estimate(cells, seconds, running, lost, processes):
    """The definition, cell by cell."""
    todo = [cell for cell in cells if cell not in seconds and cell not in lost]
    total = 0.0
    for cell in todo:
        own = [value for other, value in seconds.items() if other.kind == cell.kind]
        known = own or list(seconds.values())
        total += max(0.0, sum(known) / len(known) - running.get(cell, 0.0))
    return total / min(processes, len(todo)) if todo else 0.0


@given(
    ended=st.dictionaries(st.sampled_from(CELLS), st.floats(1, 1000), min_size=1),
    running=st.dictionaries(st.sampled_from(CELLS), st.floats(0, 500)),
    processes=st.integers(1, 9),
)
def test_the_estimate_is_that_of_the_definition(ended, running, processes):
    with pytest.MonkeyPatch.context() as patch:
        time = Time()
        patch.setattr(study_progress, 'time', time)
        patch.setattr('builtins.print', lambda *words, **options: None)
        progress = Progress(CELLS, ended, processes)
        running = {cell: seconds for cell, seconds in running.items() if cell not in ended}
        end = time.now + 500
        for cell, seconds in sorted(running.items(), key=lambda pair: -pair[1]):
            time.now = end - seconds
            progress.start(cell)
        time.now = end
        expected = estimate(CELLS, ended, running, (), processes)
        assert progress.seconds_left() == pytest.approx(expected, abs=1e-6)


def test_lines_say_count_event_and_times(time, capsys):
    progress = Progress(CELLS[:2], {}, 1)
    progress.start(RANDOM_PROBE)
    time.now += 65
    progress.finish(RANDOM_PROBE, 60.0, ', mIoU 12 %')
    progress.start(RANDOM_ONE)
    time.now += 20
    progress.fail(RANDOM_ONE, [])
    assert capsys.readouterr().out.splitlines() == [
        '[0/2] started random seed 0 probe (elapsed 0:00:00, ETA ?)',
        '[1/2] finished random seed 0 probe in 0:01:00, mIoU 12 % (elapsed 0:01:05, ETA 0:01:00)',
        '[1/2] started random seed 0 one (elapsed 0:01:05, ETA 0:01:00)',
        '[1/2] FAILED random seed 0 one (elapsed 0:01:25, ETA 0:00:00)',
    ]


def test_what_depends_on_a_failure_is_not_waited_for(time, capsys):
    progress = Progress(CELLS, {RANDOM_PROBE: 10.0, RANDOM_ONE: 10.0}, 1)
    progress.start(GOOD)
    assert progress.seconds_left() == pytest.approx(50)
    progress.fail(GOOD, [GOOD_PROBE, GOOD_ONE])
    assert progress.seconds_left() == pytest.approx(20), 'the two cells of the other method'
    assert re.search(r'\[2/7\] FAILED good seed 0 pretrain .*ETA 0:00:20', capsys.readouterr().out)


def test_what_earlier_starts_finished_is_counted(time, capsys):
    Progress(CELLS, dict.fromkeys(CELLS[:3], 1.0), 1).start(GOOD_PROBE)
    assert capsys.readouterr().out.startswith('[3/7] started good seed 0 probe')


def test_the_callers_times_are_left_alone(time, capsys):
    seconds = {RANDOM_PROBE: 10.0}
    progress = Progress(CELLS, seconds, 1)
    progress.start(GOOD)
    progress.finish(GOOD, 5.0)
    assert seconds == {RANDOM_PROBE: 10.0}
