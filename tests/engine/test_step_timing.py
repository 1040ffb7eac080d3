"""The parts of a timed iteration add up to the whole."""

import pytest

from stslidr.engine.step_timing import PARTS, StepTimer
from support.tiny_run import tiny_config


def test_parts_add_up(tiny_data, tmp_path):
    timer = StepTimer(tiny_config(tiny_data, tmp_path))
    for epoch in range(3):
        timer.iterate(epoch)
    medians = dict(timer._medians())
    assert all(len(values) == 3 for values in timer.seconds.values())
    forward = sum(medians[name] for name in PARTS)
    assert forward <= medians['forward'] < medians['whole iteration']
    parts = ('loading a keyframe', 'forward', 'backward', 'update')
    for index in range(3):
        whole = timer.seconds['whole iteration'][index]
        assert sum(timer.seconds[part][index] for part in parts) == pytest.approx(whole, rel=0.2)
    table = timer.table()
    assert table.count('\n| ') == 10 and 'GiB' in table
