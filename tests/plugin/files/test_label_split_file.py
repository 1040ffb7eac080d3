"""The file of label splits: what it says, and that nobody changes it unnoticed."""

import json
import subprocess

import pytest

from stslidr.files.label_split_file import (
    FRACTIONS,
    hash_names,
    read_label_split,
    read_version,
    write_label_splits,
)

SCENES = ['scene-0003', 'scene-0001', 'scene-0002']
SPLITS = {'train': {'25pct': [], '50pct': SCENES[1:2], '100pct': SCENES}}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / 'label_splits.json'
    write_label_splits(path, {'dataset': 'made-up', 'rule': 'any'}, 'scenes', SPLITS)
    return path


def edit(file, change):
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def test_names_come_back_in_their_order(file):
    split = read_label_split(file, 'train', '100pct')
    assert (split.name, split.names) == ('100pct', tuple(SCENES))
    assert split.sha256 == hash_names(SCENES) != hash_names(sorted(SCENES))
    assert read_label_split(file, 'train', '50pct').names == ('scene-0001',)


def test_the_hash_is_that_of_a_text_file_of_the_names():
    text = ''.join(f'{name}\n' for name in SCENES)
    printed = subprocess.run(['sha256sum'], input=text, capture_output=True, text=True, check=True)
    assert printed.stdout.split()[0] == hash_names(SCENES)


def test_one_name_is_not_two():
    assert hash_names(['ab', 'c']) != hash_names(['a', 'bc']) != hash_names(['abc'])


def test_the_file_tells_people_what_it_holds(file):
    content = json.loads(file.read_text())
    assert content['dataset'] == 'made-up'
    assert content['unit'] == 'scenes'
    train = content['splits']['train']
    assert train['total'] == 3
    assert train['label_splits'].keys() == {'50pct', '100pct'}
    assert train['label_splits']['50pct'] == {
        'sha256': hash_names(['scene-0001']),
        'count': 1,
        'names': ['scene-0001'],
    }


def test_an_empty_fraction_is_an_error_that_counts(file):
    assert FRACTIONS['25pct'] == 4
    with pytest.raises(
        ValueError,
        match=rf"'25pct' of 'train' is empty, says {file}: 1 in 4 of 3 "
        r'scenes is none; there are 50pct, 100pct',
    ):
        read_label_split(file, 'train', '25pct')


def test_label_splits_of_another_version(tmp_path):
    """Scenes of v1.0-mini are scenes of v1.0-trainval too: by their names alone, both would fit."""
    path = tmp_path / 'label_splits.json'
    write_label_splits(path, {'version': 'v1.0-mini'}, 'scenes', SPLITS)
    with pytest.raises(
        ValueError,
        match=f'{path} has the label splits of v1.0-mini, but the info file is of v1.0-trainval: ',
    ):
        read_label_split(path, 'train', '50pct', 'v1.0-trainval')
    for version in ('v1.0-mini', None):
        assert read_label_split(path, 'train', '50pct', version).names == ('scene-0001',)


def test_label_splits_without_a_version(file):
    assert read_label_split(file, 'train', '50pct', 'v1.0-mini').names == ('scene-0001',)


def test_the_version_of_a_file(file, tmp_path):
    assert read_version(tmp_path / 'none.json') is None
    assert read_version(file) is None
    edit(file, lambda content: content.update(version='v1.0-mini'))
    assert read_version(file) == 'v1.0-mini'
    for damaged in ('{"version": ', '[]', '{"version": 1}', '\udcff'):
        file.write_bytes(damaged.encode(errors='surrogateescape'))
        assert read_version(file) is None


def test_unknown_splits(file):
    with pytest.raises(ValueError, match="no label split '2pct' for 'train'; it has 50pct, 100pct"):
        read_label_split(file, 'train', '2pct')
    with pytest.raises(ValueError, match="has label splits for train, but none for 'val'"):
        read_label_split(file, 'val', '50pct')


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'none\.json does not exist: tools/create'):
        read_label_split(tmp_path / 'none.json', 'train', '1pct')


@pytest.mark.parametrize(
    'change',
    [
        lambda names: names.pop(),
        lambda names: names.append('scene-0009'),
        lambda names: names.reverse(),
    ],
)
def test_names_that_were_changed(file, change):
    edit(
        file, lambda content: change(content['splits']['train']['label_splits']['100pct']['names'])
    )
    with pytest.raises(ValueError, match=f"{file}: the names of label split '100pct' have the SHA"):
        read_label_split(file, 'train', '100pct')


@pytest.mark.parametrize(
    ('content', 'said'),
    [
        ('{"splits": ', 'no readable JSON'),
        ('[]', "lacks 'splits'"),
        ('{"splits": {"train": []}}', "lacks 'label_splits'"),
        ('{"splits": {"train": {"label_splits": {}}}}', "lacks 'empty'"),
        (
            '{"splits": {"train": {"label_splits": {"1pct": {"names": []}}, "empty": {}}}}',
            'no list of',
        ),
        (
            '{"splits": {"train": {"label_splits": {"1pct": {"names": [1]}}, "empty": {}}}}',
            'no list',
        ),
        (
            '{"splits": {"train": {"label_splits": {"1pct": ["a"]}, "empty": {}}}}',
            'no list of names',
        ),
    ],
)
def test_damaged_file(file, content, said):
    file.write_text(content)
    with pytest.raises(ValueError, match=f'{file}.*{said}'):
        read_label_split(file, 'train', '1pct')
