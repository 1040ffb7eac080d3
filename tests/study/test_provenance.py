"""The state of a checkout, the origin of a cell, and how two origins differ."""

import json
from hashlib import sha256

import pytest

import stslidr
from stslidr.study.cells import Cell
from stslidr.study.provenance import Source, describe_origin, differences, expected_checkpoint


def test_a_folder_outside_git_has_the_version_alone(checkout):
    assert Source.of(checkout.root) == Source(None, None, stslidr.__version__)


def test_a_folder_that_git_does_not_track_has_no_commit(checkout):
    checkout.git('init', '-q')
    checkout.git('commit', '-q', '--allow-empty', '-m', 'of another project')
    assert Source.of(checkout.root).commit is None


def test_only_changes_to_tracked_source_count(checkout):
    commit = checkout.commit()
    clean = Source(commit, None, stslidr.__version__)
    assert Source.of(checkout.root) == clean
    checkout.change('study.yaml', 'Fakes', 'Others')
    (checkout.root / 'tools/new.py').touch()
    assert Source.of(checkout.root) == clean
    checkout.change('configs/one.py', 'width=4', 'width=5')
    changed = Source.of(checkout.root)
    assert changed.commit == commit
    diff = checkout.git('diff', 'HEAD', '--binary', '--', 'configs') + '\n'
    assert changed.changes_sha256 == sha256(diff.encode()).hexdigest()


def origin_of(checkout, **options):
    cell = Cell('m', 3, 'probe', 'configs/probe.py', options)
    return describe_origin(cell, Source('c', None, '1'), str(checkout.root / 'data'), 0)


def test_the_hash_is_of_the_resolved_config(checkout):
    one = origin_of(checkout)
    text = json.dumps(one['settings'], sort_keys=True)
    assert one['config_sha256'] == sha256(text.encode()).hexdigest()
    assert one['settings']['randomness'] == {'seed': 3}
    other = origin_of(checkout, **{'model.width': 5})
    assert other['settings']['model']['width'] == 5 != one['settings']['model']['width']
    assert origin_of(checkout) == one, 'options of one cell do not reach the next'


def test_differences_are_named_with_both_values(checkout):
    one, other = origin_of(checkout), origin_of(checkout, **{'model.width': 5})
    assert differences(one, one) == []
    assert differences({**one, 'ended': 'today'}, one) == []
    assert differences(one, other) == [
        'options.model.width: None stored, 5 now', 'settings.model.width: 4 stored, 5 now']
    assert differences({**one, 'config_sha256': 'damaged'}, one)[0].startswith('config_sha256: dam')
    without_data = {**one, 'data': {}}
    assert differences(one, without_data) == [], 'data that was not looked at is not compared'
    assert differences(without_data, one)[0].startswith('data.train.pkl: None stored, ')
    many = {**one, 'settings': {str(key): key for key in range(9)}}
    assert differences({**many, 'settings': {}}, many)[-1] == 'and 5 more'


def test_a_config_that_fails_is_named(checkout):
    (checkout.root / 'configs/probe.py').write_text('model = dict(')
    with pytest.raises(ValueError, match='m seed 3 probe, config configs/probe.py: '):
        origin_of(checkout)


@pytest.mark.parametrize('loop, name', [
    ("dict(type='Loop', max_epochs=3)", 'epoch_3.pth'),
    ("dict(type='Loop', max_iters=40)", 'iter_40.pth'),
])
def test_the_last_checkpoint_is_foreseen(checkout, loop, name):
    checkout.change('configs/probe.py', "dict(type='Loop', max_epochs=3)", loop)
    assert expected_checkpoint(Cell('m', 0, 'probe', 'configs/probe.py', {})) == name
