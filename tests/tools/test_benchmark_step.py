"""tools/benchmark_step.py: a row for each part of an iteration, with plausible seconds."""

import re

import pytest

import stslidr.plugin  # noqa: F401
from stslidr_studies.step_timing.step_timer import PARTS
from support.tiny_run import tiny_config
from support.tools import assert_mistake, call, status_of


@pytest.fixture
def config(tiny_data, tmp_path):
    """A pretraining of the tiny data."""
    tiny_config(tiny_data, tmp_path / 'work').dump(tmp_path / 'pretrain.py')
    return tmp_path / 'pretrain.py'


def test_every_part_has_a_row_and_they_add_up(config, capsys):
    call('benchmark_step.py', config, '--iterations', 2)
    printed = capsys.readouterr()
    assert 'iteration 2 of 2' in printed.err
    said = printed.out.replace('**', '')
    assert re.search(
        r'\d+ threads, 2 iterations, medians\n\n\| part \| seconds \|\n\| -- \| -- \|', said
    )
    rows = re.findall(r'^\| ([a-z_ ]+) \| (-?\d+\.\d\d) \|$', said, re.MULTILINE)
    seconds = {name: float(value) for name, value in rows}
    expected = {*PARTS, 'loading a keyframe', 'pooling', 'backward', 'update', 'whole iteration'}
    assert seconds.keys() >= expected
    assert all(value >= -0.01 for value in seconds.values())
    parts = sum(seconds[name] for name in expected - {'whole iteration'})
    assert seconds['whole iteration'] > 0 and parts <= 2 * seconds['whole iteration'] + 1


@pytest.mark.parametrize(
    ('options', 'says'),
    [
        (('--data-root', '/absent'), 'info file /absent/.* does not exist'),
        (('--cfg-options', 'model.criterion.temprature=1'), 'model.criterion: '),
        (('--cfg-options', 'model.criterion.temperature=-1'), 'temperature must be above 0'),
        (('--cfg-options', 'model.image_encoder.weights=none'), "weights 'none' are unknown"),
    ],
)
def test_mistakes(config, capsys, options, says):
    assert_mistake(capsys, says, 'benchmark_step.py', config, *options)


def test_no_iteration_shows_the_usage(config, capsys):
    assert status_of('benchmark_step.py', config, '--iterations', 0) == 2
    assert '--iterations 0: at least 1 is needed' in capsys.readouterr().err
