"""Options that say which keyframes, and where their files lie."""

import argparse

import pytest

from stslidr.inspection.keyframe_options import (
    add_keyframe_options,
    add_samples_option,
    keyframes_of,
    spread,
)
from support.tiny_data import make_tiny_data


def parse(*arguments):
    parser = argparse.ArgumentParser()
    add_keyframe_options(parser)
    add_samples_option(parser)
    return parser.parse_args(list(map(str, arguments)))


def test_files_lie_where_the_options_say(tmp_path):
    data = make_tiny_data(tmp_path / 'data', num_keyframes=2)
    where = (data.root / data.ann_file, '--root', data.root)
    plain = parse(*where, '--data-prefix', 'pts=sweeps', 'LEFT=LEFT', 'RIGHT=RIGHT')
    scaled = parse(*where, '--data-prefix', 'pts=sweeps', '--intensity-scale', '0.5')
    one, half = keyframes_of(plain)[1], keyframes_of(scaled)[1]
    sweep = one.read_sweep()
    assert half.read_sweep()[:, 3] == pytest.approx(sweep[:, 3] / 2)
    assert (half.read_sweep()[:, :3] == sweep[:, :3]).all()
    assert [camera.path.is_file() for camera in one.cameras()] == [True, True]


@pytest.mark.parametrize('factor', ['0', 'nan', 'inf', 'much'])
def test_a_factor_that_is_none(capsys, factor):
    with pytest.raises(SystemExit):
        parse('infos', '--root', 'root', f'--intensity-scale={factor}')
    assert '--intensity-scale' in capsys.readouterr().err


@pytest.mark.parametrize('number, expected', [(None, 10), (20, 10), (1, 1), (3, 3)])
def test_samples_are_spread(number, expected):
    taken = spread(list(range(10)), number)
    assert len(taken) == expected and taken[0] == 0
    assert number != 3 or taken == [0, 4, 9]
