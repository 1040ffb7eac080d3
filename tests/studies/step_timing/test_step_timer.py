"""The parts of a timed iteration: they add up to the whole, and timing changes no computation."""

import re

import pytest
import torch

from stslidr_studies.step_timing import step_timer
from stslidr_studies.step_timing.step_timer import PARTS, StepTimer
from support.tiny_run import tiny_config

ROWS = (
    'loading a keyframe',
    *PARTS[:4],
    'pooling',
    'criterion',
    'backward',
    'update',
    '**whole iteration**',
)


@pytest.fixture
def timer(tiny_data, tmp_path):
    return StepTimer(tiny_config(tiny_data, tmp_path))


@pytest.fixture
def shown():
    """A timer that has run nothing, with times that are set by hand."""
    made = StepTimer.__new__(StepTimer)
    made.device = torch.device('cpu')
    made.seconds = {}
    return made


def rows_of(table):
    """Part -> what the table says."""
    cells = re.findall(r'^\| (.+?) \| (.+?) \|$', table, re.MULTILINE)
    return {part: seconds.strip('*') for part, seconds in cells[2:]}


def test_parts_add_up(timer):
    for epoch in range(3):
        timer.iterate(epoch)
    assert all(len(values) == 3 for values in timer.seconds.values())
    for index in range(3):  # what is nested cannot take longer than what holds it
        seconds = {name: values[index] for name, values in timer.seconds.items()}
        assert 0 < sum(seconds[name] for name in PARTS) <= seconds['forward']
        parts = ('loading a keyframe', 'forward', 'backward', 'update')
        assert sum(seconds[name] for name in parts) <= seconds['whole iteration']
    rows = rows_of(timer.table())
    assert tuple(rows) == ROWS and 'GiB' in timer.table()


def test_an_iteration_updates_what_is_trained_and_nothing_frozen(timer):
    """The timer wraps each module's forward: gradients must pass through."""
    before = {name: value.clone() for name, value in timer.model.named_parameters()}
    timer.iterate(0)
    for name, value in timer.model.named_parameters():
        same = torch.equal(value, before[name])
        assert same == name.startswith('image_encoder.'), name


def test_timing_changes_no_loss(timer, tiny_data, tmp_path):
    """The same model computes the same with its own forward methods."""
    other = StepTimer(tiny_config(tiny_data, tmp_path))
    other.model.load_state_dict(timer.model.state_dict())
    for name in PARTS:
        for call in ('forward', 'pool'):
            vars(getattr(other.model, name)).pop(call, None)
    data = step_timer.pseudo_collate([timer.dataset[step_timer.SampleKey(0, 0, 0)]])
    losses = []
    for model in (timer.model, other.model):
        torch.manual_seed(0)
        losses.append(float(model.distill(model.data_preprocessor(data, True)['inputs']).loss))
    assert losses[0] == losses[1]
    assert all(len(timer.seconds[name]) == 1 for name in PARTS) and not other.seconds


def test_the_table_shows_medians_without_the_first(shown):
    shown.seconds = {
        **{name: [100.0, 1.0, 3.0, 2.0] for name in PARTS},
        'forward': [900.0, 12.0, 13.0, 14.0],
        'loading a keyframe': [9.0, 0.25, 0.5, 0.125],
        'backward': [9.0, 4.0, 4.0, 4.0],
        'update': [9.0, 0.0, 0.0, 0.0],
        'whole iteration': [999.0, 20.0, 22.0, 21.0],
    }
    rows = rows_of(shown.table())
    assert rows['whole iteration'.join(('**', '**'))] == '21.00'
    assert rows['loading a keyframe'] == '0.25' and rows['update'] == '0.00'
    assert all(rows[name] == '2.00' for name in PARTS)
    assert rows['pooling'] == '3.00', 'what is left of the forward pass'


def test_a_single_iteration_is_shown_as_it_is(shown):
    names = ('forward', 'loading a keyframe', 'backward', 'update', 'whole iteration', *PARTS)
    shown.seconds = {name: [5.0] for name in names}
    rows = rows_of(shown.table())
    assert rows['criterion'] == '5.00' and rows['pooling'] == '-20.00'


def test_a_clock_counts_what_runs_inside_it(shown, monkeypatch):
    now = iter([10.0, 11.5, 20.0, 20.25])
    monkeypatch.setattr(step_timer.time, 'perf_counter', lambda: next(now))
    for _ in range(2):
        with shown._clock('part'):
            pass
    assert shown.seconds == {'part': [1.5, 0.25]}


def test_peak_memory_is_that_of_this_process(shown):
    """At least what a tensor of 64 MiB needs."""
    tensor = torch.ones(16 * 2**20)
    assert 2**-4 < shown.peak_gib() < 1024 and tensor.sum() == 16 * 2**20
