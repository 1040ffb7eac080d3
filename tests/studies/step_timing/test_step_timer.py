"""The parts of a timed iteration add up to the whole."""

from stslidr_studies.step_timing.step_timer import PARTS, StepTimer
from support.tiny_run import tiny_config


def test_parts_add_up(tiny_data, tmp_path):
    timer = StepTimer(tiny_config(tiny_data, tmp_path))
    for epoch in range(3):
        timer.iterate(epoch)
    assert all(len(values) == 3 for values in timer.seconds.values())
    for index in range(3):  # what is nested cannot take longer than what holds it
        seconds = {name: values[index] for name, values in timer.seconds.items()}
        assert 0 < sum(seconds[name] for name in PARTS) <= seconds['forward']
        parts = ('loading a keyframe', 'forward', 'backward', 'update')
        assert sum(seconds[name] for name in parts) <= seconds['whole iteration']
    table = timer.table()
    assert table.count('\n| ') == 11 and 'GiB' in table
