"""The state of a checkout, the origin of a cell, and how two origins differ."""

import json
from hashlib import sha256

import pytest

import stslidr.plugin  # registers the image encoders
from stslidr_studies.study import provenance
from stslidr_studies.study.cells import Cell
from stslidr_studies.study.provenance import (
    Source,
    describe_origin,
    differences,
    expected_checkpoint,
)


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
        'options.model.width: None stored, 5 now',
        'settings.model.width: 4 stored, 5 now',
    ]
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


@pytest.mark.parametrize(
    'loop, name',
    [
        ("dict(type='Loop', max_epochs=3)", 'epoch_3.pth'),
        ("dict(type='Loop', max_iters=40)", 'iter_40.pth'),
    ],
)
def test_the_last_checkpoint_is_foreseen(checkout, loop, name):
    checkout.change('configs/probe.py', "dict(type='Loop', max_epochs=3)", loop)
    assert expected_checkpoint(Cell('m', 0, 'probe', 'configs/probe.py', {})) == name


def with_encoder(checkout, encoder):
    checkout.change('configs/probe.py', 'width=4', f'width=4, image_encoder=dict({encoder})')
    provenance._read_config.cache_clear()
    return origin_of(checkout)


def test_published_image_weights_are_hashed(checkout):
    assert origin_of(checkout)['image_weights_sha256'] is None, 'a model without an encoder'
    published = checkout.root / 'checkpoints/dino_resnet50_pretrain.pth'
    with pytest.raises(
        FileNotFoundError,
        match=r'^checkpoints/dino_resnet50_pretrain\.pth, the .*'
        r'download dino_resnet50_pretrain\.pth from https://dl\.fbaipublic',
    ):
        with_encoder(checkout, "type='FrozenResNet50', weights='dino'")
    published.parent.mkdir()
    published.write_bytes(b'weights')
    stored = origin_of(checkout)
    assert stored['image_weights_sha256'] == sha256(b'weights').hexdigest()
    published.write_bytes(b'others')
    provenance._hash_weights.cache_clear()
    now = origin_of(checkout)
    assert differences(stored, now)[0].startswith('image_weights_sha256: ')
    without_data = describe_origin(
        Cell('m', 3, 'probe', 'configs/probe.py', {}), Source('c', None, '1'), None, 0
    )
    assert differences(stored, without_data) == []


def test_image_weights_at_another_place_are_hashed(checkout):
    (checkout.root / 'own.pth').write_bytes(b'own')
    origin = with_encoder(
        checkout, "type='FrozenSmallResNet', weights='synthetic', checkpoint='own.pth'"
    )
    assert origin['image_weights_sha256'] == sha256(b'own').hexdigest()
    (checkout.root / 'own.pth').unlink()
    provenance._hash_weights.cache_clear()
    with pytest.raises(
        FileNotFoundError,
        match=r'^own\.pth, the image encoder, is missing: '
        r'model\.image_encoder\.checkpoint names it',
    ):
        origin_of(checkout)


def test_weights_of_the_package_need_no_hash(checkout):
    for weights in ('synthetic', 'random'):
        before = (checkout.root / 'configs/probe.py').read_text()
        encoder = f"type='FrozenSmallResNet', weights='{weights}'"
        assert with_encoder(checkout, encoder)['image_weights_sha256'] is None
        (checkout.root / 'configs/probe.py').write_text(before)
