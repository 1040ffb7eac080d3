"""SemanticKITTI info files: the sweeps on disk, laid out as MMDetection3D's converter does."""

import os

import numpy as np
import pytest

from stslidr.files.infos import read_infos
from stslidr.preparation.semantickitti_infos import NUM_SWEEPS, SPLITS, create_semantickitti_infos


def make_sweeps(root, **sweeps):
    """`sweeps` maps 's08' to a number of sweeps of sequence 08; frame i has i + 1 points."""
    for sequence, number in sweeps.items():
        folder = root / 'sequences' / sequence[1:] / 'velodyne'
        folder.mkdir(parents=True)
        for frame in range(number):
            np.full((frame + 1, 4), 0.5, np.float32).tofile(folder / f'{frame:06d}.bin')
    return root


def make_labels(root, sequence, frames):
    folder = root / 'sequences' / sequence / 'labels'
    folder.mkdir()
    for frame in frames:
        (folder / f'{frame:06d}.label').write_bytes(b'\x00' * 4)


def lidar_paths(folder, split):
    infos = read_infos(folder / f'semantickitti_infos_{split}.pkl')['data_list']
    return [info['lidar_points']['lidar_path'] for info in infos]


def test_splits_of_the_benchmark():
    assert SPLITS['train'] == ('00', '01', '02', '03', '04', '05', '06', '07', '09', '10')
    assert SPLITS['val'] == ('08',)
    assert SPLITS['test'] == tuple(str(number) for number in range(11, 22))
    assert SPLITS['trainval'] == tuple(f'{number:02d}' for number in range(11))
    sizes = {
        split: sum(NUM_SWEEPS[sequence] for sequence in sequences)
        for split, sequences in SPLITS.items()
    }
    assert sizes == {'train': 19130, 'val': 4071, 'test': 20351, 'trainval': 23201}


def test_entries(tmp_path):
    make_sweeps(tmp_path, s00=11, s08=2)
    make_labels(tmp_path, '00', [0, 10])
    create_semantickitti_infos(tmp_path)
    infos = read_infos(tmp_path / 'semantickitti_infos_train.pkl')
    assert infos['metainfo']['DATASET'] == 'SemanticKITTI'
    assert infos['metainfo']['split'] == 'train'
    assert len(infos['data_list']) == 11
    assert infos['data_list'][10] == {
        'sample_idx': 10,
        'lidar_points': {
            'lidar_path': 'sequences/00/velodyne/000010.bin',
            'num_pts_feats': 4,
            'num_points': 11,
        },
        'pts_semantic_mask_path': 'sequences/00/labels/000010.label',
        'sample_id': '010',
    }
    labelled = [
        info['sample_idx'] for info in infos['data_list'] if 'pts_semantic_mask_path' in info
    ]
    assert labelled == [0, 10]


def test_complete_sequence_against_mmdet3d_converter(tmp_path, monkeypatch):
    """The same paths, keys and ids as the converter of MMDetection3D 1.4 makes up."""
    converter = load_converter()
    monkeypatch.setattr(converter, 'total_num', dict.fromkeys(range(22), 0) | {0: 12, 4: 3, 10: 2})
    expected = converter.get_semantickitti_info('train')
    make_sweeps(tmp_path, s00=12, s04=3, s10=2)
    for sequence, number in (('00', 12), ('04', 3), ('10', 2)):
        make_labels(tmp_path, sequence, range(number))
    create_semantickitti_infos(tmp_path)
    ours = read_infos(tmp_path / 'semantickitti_infos_train.pkl')
    assert ours['metainfo'].items() >= expected['metainfo'].items()
    for info, theirs in zip(ours['data_list'], expected['data_list'], strict=True):
        assert info['lidar_points'].items() >= theirs.pop('lidar_points').items()
        assert info.items() >= theirs.items()


def load_converter():
    """The converter that the mmdet3d wheel carries, without importing mmdet3d itself."""
    import importlib.util

    package = importlib.util.find_spec('mmdet3d')
    pytest.importorskip('mmengine')
    if package is None:
        pytest.skip('mmdet3d is not installed')
    path = os.path.join(
        package.submodule_search_locations[0],
        '.mim',
        'tools',
        'dataset_converters',
        'semantickitti_converter.py',
    )
    if not os.path.exists(path):
        pytest.skip('this mmdet3d carries no converter')
    spec = importlib.util.spec_from_file_location('semantickitti_converter', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_order_and_splits(tmp_path):
    make_sweeps(tmp_path, s08=2, s10=1, s00=2, s09=1, s11=1)
    create_semantickitti_infos(tmp_path, tmp_path / 'made' / 'here')
    sweeps = {
        split: [path.split('/')[1] for path in lidar_paths(tmp_path / 'made' / 'here', split)]
        for split in SPLITS
    }
    assert sweeps == {
        'train': ['00', '00', '09', '10'],
        'val': ['08', '08'],
        'test': ['11'],
        'trainval': ['00', '00', '08', '08', '09', '10'],
    }


def test_split_without_scans_writes_no_file_and_says_so(tmp_path):
    make_sweeps(tmp_path, s00=2)
    reports = create_semantickitti_infos(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [
        'semantickitti_infos_train.pkl',
        'semantickitti_infos_trainval.pkl',
        'semantickitti_label_splits.json',
        'sequences',
    ]
    assert 'val: no file written, no sweep of its 1 sequences is on disk' in reports
    assert 'incomplete on disk: 00 (2 of 4541 sweeps)' in reports


@pytest.fixture
def small_benchmark(monkeypatch):
    """SemanticKITTI with one sweep in each sequence, two in 08."""
    monkeypatch.setattr(
        'stslidr.preparation.semantickitti_infos.NUM_SWEEPS',
        {sequence: 1 + (sequence == '08') for sequence in NUM_SWEEPS},
    )


@pytest.mark.parametrize(
    ('change', 'published'),
    [({}, True), ({'s08': 1, 's21': 0}, True), ({'s10': 0}, False), ({'s00': 2}, False)],
)
def test_label_splits_that_are_not_the_published_ones_say_so(
    tmp_path, small_benchmark, change, published
):
    make_sweeps(
        tmp_path, **{f's{sequence}': 1 + (sequence == '08') for sequence in NUM_SWEEPS} | change
    )
    reports = create_semantickitti_infos(tmp_path)
    said = any('the published ones need exactly the 10 sweeps' in report for report in reports)
    assert said != published
    assert any(report.startswith('incomplete') for report in reports) == (change.get('s08') == 1)


def test_stray_files_are_no_sweeps(tmp_path):
    """macOS leaves `._000000.bin` beside a file; it would be the first frame of the sorted list."""
    make_sweeps(tmp_path, s00=2)
    folder = tmp_path / 'sequences' / '00' / 'velodyne'
    for name in ('._000000.bin', '000000 (1).bin', '0000001.bin', '000002.bin.part'):
        (folder / name).write_bytes(b'\x00' * 16)
    reports = create_semantickitti_infos(tmp_path)
    assert lidar_paths(tmp_path, 'train') == [
        'sequences/00/velodyne/000000.bin',
        'sequences/00/velodyne/000001.bin',
    ]
    assert reports[-1] == (
        'left out 3 files that are not named as sweeps: '
        + ', '.join(
            str(folder / name) for name in ('._000000.bin', '000000 (1).bin', '0000001.bin')
        )
    )


def test_wrong_folders(tmp_path):
    dataset = make_sweeps(tmp_path / 'dataset', s00=1)
    with pytest.raises(FileNotFoundError, match=r'root .*/none is no folder'):
        create_semantickitti_infos(tmp_path / 'none')
    for wrong in (tmp_path, dataset / 'sequences'):
        with pytest.raises(FileNotFoundError, match=rf'`sequences`; did you mean {dataset}\?'):
            create_semantickitti_infos(wrong)
    (tmp_path / 'other' / 'deep').mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match='`sequences`$'):
        create_semantickitti_infos(tmp_path / 'other' / 'deep')


def test_no_scan_of_the_benchmark(tmp_path):
    make_sweeps(tmp_path, s22=3, s0=1)
    with pytest.raises(FileNotFoundError, match=r'sequences holds no sweep'):
        create_semantickitti_infos(tmp_path)


def test_truncated_scan_writes_nothing(tmp_path):
    make_sweeps(tmp_path, s00=3, s08=1)
    sweep = tmp_path / 'sequences' / '08' / 'velodyne' / '000000.bin'
    sweep.write_bytes(sweep.read_bytes()[:-1])
    with pytest.raises(ValueError, match=rf'{sweep} has 15 bytes'):
        create_semantickitti_infos(tmp_path)
    assert os.listdir(tmp_path) == ['sequences']
