"""Which cells there are, and what the command line of each is."""

from argparse import ArgumentParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmengine.config import DictAction

from stslidr.errors import InputError
from stslidr_studies.study.cells import enumerate_cells
from stslidr_studies.study.commands import Commands, format_option
from stslidr_studies.study.study_file import read_study


@pytest.fixture
def cells(checkout):
    return enumerate_cells(read_study('study.yaml'))


def test_cells_stand_after_their_parents_seed_by_seed(cells):
    assert [cell.name for cell in cells[:7]] == [
        'random seed 0 probe',
        'random seed 0 one',
        'good seed 0 pretrain',
        'good seed 0 probe',
        'good seed 0 one',
        'probed seed 0 pretrain',
        'probed seed 0 probe',
    ]
    assert [cell.seed for cell in cells] == [0] * 7 + [1] * 7
    for position, cell in enumerate(cells):
        pretrained = cell.is_task and cell.method != 'random'
        assert (cell.parent is not None) == pretrained
        if pretrained:
            assert cell.parent in cells[:position] and cell.parent.step == 'pretrain'
            assert (cell.parent.method, cell.parent.seed) == (cell.method, cell.seed)
    assert len({cell.folder for cell in cells}) == len(cells)
    assert str(cells[4].folder) == 'runs/good/seed0/one'


def test_configs_and_options(checkout):
    checkout.change('study.yaml', 'baseline:', 'options: {train_cfg.max_epochs: 5}\nbaseline:')
    cells = {cell.name: cell for cell in enumerate_cells(read_study('study.yaml'))}
    assert cells['random seed 1 one'].config == 'configs/scratch.py'
    assert cells['good seed 1 one'].config == 'configs/one.py'
    assert cells['good seed 1 one'].options == {'train_cfg.max_epochs': 5}
    assert cells['good seed 1 pretrain'].options == {'train_cfg.max_epochs': 5, 'model.width': 8}


def test_options_of_a_task_go_to_its_cells_with_and_without_pretraining(checkout):
    checkout.change(
        'study.yaml',
        'scratch: configs/scratch.py',
        'scratch: configs/scratch.py, options: {train_cfg.max_epochs: 7}',
    )
    cells = {cell.name: cell for cell in enumerate_cells(read_study('study.yaml'))}
    for name in ('random seed 0 one', 'good seed 0 one'):
        assert cells[name].options == {'train_cfg.max_epochs': 7}
    assert cells['good seed 0 probe'].options == {}
    assert cells['good seed 0 pretrain'].options == {'model.width': 8}


def parse(text):
    parser = ArgumentParser()
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    return parser.parse_args(['--cfg-options', text]).cfg_options


@pytest.mark.parametrize(
    'value',
    [1, -2, 0.5, 1e-5, True, None, 'random', 'a/b.pth', [1, 2], [0.1, 2.0, [3]], ['x', 'y'], False],
)
def test_options_are_read_back_as_they_are(value):
    assert parse(format_option('a.b', value)) == {'a.b': value}
    assert type(parse(format_option('a.b', value))['a.b']) is type(value)


@pytest.mark.parametrize('value', ['1', 'true', 'None', {'a': 1}, 'a,b', [{}]])
def test_options_that_no_text_gives_are_refused(value):
    with pytest.raises(ValueError, match='option model.depth: .* put it into a config'):
        format_option('model.depth', value)


def alike(one, other):
    """Equal, with types that are equal all through."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return type(one) is type(other) and one == other


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text('ab1.,[]()=- ', max_size=6),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(key=st.text('ab.=-', max_size=4), value=VALUES)
def test_an_option_is_read_back_as_it_is_or_refused(key, value):
    """Whatever stands in a study file: no other value, no other key, no other error."""
    try:
        text = format_option(key, value)
    except InputError as error:
        assert str(error).startswith(f'option {key}: ')
        return
    read = parse(text)
    assert list(read) == [key] and alike(read[key], value)


@pytest.mark.parametrize('value', ['(a,b', '[1,2', 'a],b', 'a[1,2]'])
def test_brackets_that_its_parser_fails_at_are_refused(value):
    with pytest.raises(InputError, match='option model.depth: .* put it into a config'):
        format_option('model.depth', value)


@pytest.mark.parametrize('key', ['-x', '--options', 'a=b'])
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(InputError, match=f'option {key}: '):
        format_option(key, None)


def test_training_resumes_only_what_is_there(cells, tmp_path):
    commands = Commands(tmp_path / 'tools', 'data', 0)
    probe = cells[3]
    fresh = commands.train(probe, tmp_path, tmp_path / 'weights.pth')
    assert '--resume' not in fresh and f'load_from={tmp_path}/weights.pth' in fresh
    (tmp_path / 'last_checkpoint').write_text('epoch_1.pth')
    again = commands.train(probe, tmp_path, tmp_path / 'weights.pth')
    assert '--resume' in again and not any('load_from' in word for word in again)
    assert again.index('--resume') < again.index('--no-validate') < again.index('--cfg-options')


def test_gpus_go_through_the_launchers(cells, tmp_path):
    commands = Commands(tmp_path, 'data', 2)
    assert commands.train(cells[2], tmp_path / 'run', None)[:4] == [
        'bash',
        f'{tmp_path}/dist_train.sh',
        'configs/pretrain.py',
        '2',
    ]
    assert commands.test(cells[3], tmp_path / 'run', tmp_path / 'w.pth')[:5] == [
        'bash',
        f'{tmp_path}/dist_test.sh',
        'configs/probe.py',
        f'{tmp_path}/w.pth',
        '2',
    ]
