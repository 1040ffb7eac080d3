"""What a record refuses when it is made or registered, and the modules that `--record` names."""

import argparse
import sys
from dataclasses import replace

import pytest

from stslidr.corruptions.profiles import COMMON
from stslidr.dataset_records.info_writing import write_info_files
from stslidr.dataset_records.nuscenes import LIDARSEG, NUSCENES, PROFILE
from stslidr.dataset_records.record_modules import import_records, take_records
from stslidr.dataset_records.registry import RECORDS, find_record, register
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI
from stslidr.errors import InputError
from stslidr.files.point_labels import LabelFormat

LABELS = LabelFormat('toy', '<u2', 10, {0: 2, 5: 0, 900: 1}, 2, (5, 900), '.guess')
TOY = replace(
    SEMANTIC_KITTI,
    name='toy',
    labels=LABELS,
    classes=('a', 'b'),
    palette=((0, 0, 0), (255, 255, 255)),
    info_kinds=('train', 'val'),
    profile=None,
)


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        ({'dtype': '<f4'}, "dtype '<f4' is no integer"),
        ({'dtype': 'label'}, "'label' is no type"),
        ({'semantic_bits': 17}, 'semantic_bits 17 do not fit'),
        ({'semantic_bits': 9}, 'raw ids 900 do not fit semantic_bits 9'),
        ({'class_of_raw': {-1: 0, 5: 1}}, 'raw ids -1'),
        ({'class_of_raw': {0: 2, 5: 0}}, 'without a raw id: 1, unknown: none'),
        ({'class_of_raw': {0: 3, 5: 0, 900: 1}}, 'without a raw id: none, unknown: 3'),
        ({'ignored': 0, 'written_ids': ()}, '0 to -1'),
        ({'written_ids': (5, 5)}, 'not 2 different ids'),
        ({'written_ids': (5, 6, 7)}, 'not 2 different ids'),
        ({'written_ids': (5, 2**16)}, 'do not fit the type <u2'),
        ({'written_ids': (-5, 5)}, 'do not fit the type <u2'),
        ({'written_ids': ('a', 'b')}, 'no whole number'),
        ({'class_of_raw': {'car': 0, 5: 1}}, 'no whole number'),
        ({'ending': ''}, "cannot end with ''"),
        ({'ending': 'a/b'}, "cannot end with 'a/b'"),
    ],
)
def test_a_label_format_is_checked(change, said):
    with pytest.raises(ValueError, match=f"label format 'toy': .*{said}"):
        replace(LABELS, **change)


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        ({'name': 'to y'}, 'name is to be letters'),
        ({'name': '../toy'}, 'name is to be letters'),
        ({'info_kinds': ()}, 'info_kinds'),
        ({'info_kinds': ('train', 'train')}, 'info_kinds'),
        ({'info_kinds': ('a/b',)}, 'info_kinds'),
        ({'classes': ('a', 'a')}, 'different names: a, a'),
        ({'classes': ('a', 'b', 'c')}, '3 classes, but label format .toy. has 2'),
        ({'palette': ((0, 0, 0),)}, '2 classes, but 1 colours'),
        ({'palette': ((0, 0, 0), (0, 0, 256))}, r'\(0, 0, 256\) is no colour'),
        ({'palette': ((0, 0, 0), (0, 0))}, r'\(0, 0\) is no colour'),
        ({'num_pts_feats': 3}, 'num_pts_feats 3 is below 4'),
        ({'sweep_ending': '.guess'}, 'cannot be told apart'),
        ({'sweep_ending': ''}, 'cannot be told apart'),
        ({'profile': PROFILE}, 'ignores class 16, the labels 2'),
        (
            {'profile': replace(PROFILE, ignored=2, levels=COMMON)},
            'lacks the levels of beam_missing',
        ),
    ],
)
def test_a_record_is_checked(change, said):
    with pytest.raises(ValueError, match=said):
        replace(TOY, **change)


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        ({'elevations': (1.0, 0.0)}, 'do not ascend'),
        ({'elevations': (1.0,)}, 'do not ascend'),
        ({'max_intensity': 0.0}, 'max_intensity 0.0'),
        ({'levels': {'fog': {'light': {}}}}, 'fog has the severities light'),
    ],
)
def test_a_profile_is_checked(change, said):
    with pytest.raises(ValueError, match=said):
        replace(PROFILE, **change)


@pytest.fixture
def registry():
    before, modules = dict(RECORDS), set(sys.modules)
    yield RECORDS
    RECORDS.clear()
    RECORDS.update(before)
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def test_a_name_is_registered_once(registry):
    assert register(TOY) is TOY is find_record('toy') is register(TOY)
    with pytest.raises(ValueError, match="there is a data set 'toy' already"):
        register(replace(TOY))
    with pytest.raises(ValueError, match="there is a data set 'nuscenes' already"):
        register(replace(TOY, name='nuscenes', labels=replace(LABELS, name='other')))
    with pytest.raises(ValueError, match="'lidarseg', as that of 'nuscenes' has"):
        register(replace(NUSCENES, name='other', labels=replace(LIDARSEG)))
    assert list(registry) == ['nuscenes', 'semantickitti', 'toy']


def write_module(path):
    path.write_text(
        'from dataclasses import replace\n'
        'from stslidr.dataset_records.registry import register\n'
        'from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI as K\n'
        "register(replace(K, name='made', labels=replace(K.labels, name='made')))\n"
    )
    return path


def test_a_module_and_its_file_are_the_same(registry, tmp_path, monkeypatch):
    path = write_module(tmp_path / 'made_record.py')
    monkeypatch.setattr(sys, 'path', list(sys.path))
    assert take_records(['--record', str(path), 'made', '--root', 'r', '--version', 'v']) == [
        'made',
        '--root',
        'r',
        '--version',
        'v',
    ]
    assert 'made' in registry
    import_records(['made_record', str(path)])


def test_modules_that_are_not_there(registry, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, 'path', list(sys.path))
    with pytest.raises(FileNotFoundError, match='none.py does not exist'):
        import_records([str(tmp_path / 'none.py')])
    with pytest.raises(FileNotFoundError, match='there is no module no_such_record'):
        import_records(['no_such_record'])
    with pytest.raises(ValueError, match='json is the name of another module'):
        import_records([str(write_module(tmp_path / 'json.py'))])
    for content, said in (
        (
            'import no_such_library',
            "line 1: ModuleNotFoundError: No module named 'no_such_library'",
        ),
        ('x = 1\ny = x / 0', 'line 2: ZeroDivisionError'),
        ('def broken(:', 'SyntaxError'),
    ):
        sys.modules.pop('broken_record', None)
        (tmp_path / 'broken_record.py').write_text(f'{content}\n')
        with pytest.raises(InputError, match=rf'broken_record\.py cannot be imported: .*{said}'):
            import_records([str(tmp_path / 'broken_record.py')])
    assert list(registry) == ['nuscenes', 'semantickitti']


def test_options_without_records_stay_as_they_are():
    assert take_records(['nuscenes', '--root', 'r', '--rec', 'x']) == [
        'nuscenes',
        '--root',
        'r',
        '--rec',
        'x',
    ]


def test_info_files_need_splits_and_samples(tmp_path):
    sample = {'lidar_points': {'lidar_path': 'a.bin'}}
    for splits, said in (
        ({'test': [sample]}, "no split 'test', but train, val"),
        ({'train': [], 'val': []}, 'no sample of toy'),
        ({'train': [{'lidar_points': {}}]}, "toy, train: .*no entry 'lidar_path'"),
    ):
        with pytest.raises(ValueError, match=said):
            list(write_info_files(TOY, tmp_path, splits))
    assert not list(tmp_path.iterdir())
    reports = list(write_info_files(TOY, tmp_path, {'train': [sample], 'val': []}, 'v2'))
    assert reports[0].startswith('train: 1 samples (0 with labels)')
    assert reports[1] == 'val: no file written, no sample is on disk'
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        'toy_infos_train.pkl',
        'toy_label_splits.json',
    ]


def test_the_shipped_options_are_those_of_nuscenes():
    parser = argparse.ArgumentParser()
    NUSCENES.add_options(parser)
    options = parser.parse_args(['--version', 'v1.0-mini'])
    assert vars(options) == {'version': 'v1.0-mini', 'allow_partial': False, 'lidar': None}
