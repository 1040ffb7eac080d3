"""`tools/create_data.py` as a user runs it, from another folder and without installation."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stslidr.files.infos import read_infos
from support.tiny_nuscenes import make_tiny_nuscenes
from support.toy_dataset import code_blocks, write_toy

TOOL = Path(__file__).parents[2] / 'tools' / 'create_data.py'


def create_data(*arguments):
    environment = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)],
        cwd='/',
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def assert_one_error_line(ended, *said):
    lines = [line for line in ended.stderr.splitlines() if not line.startswith('keyframes:')]
    lines = [line.split('\r')[-1] for line in lines if line.strip()]
    assert ended.returncode == 1
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith('error: ')
    assert 'Traceback' not in ended.stderr
    for part in said:
        assert part in lines[0]


def test_custom_splits_into_another_folder(tmp_path):
    folder = make_tiny_nuscenes(tmp_path / 'root', {'a': 1, 'b': 1}, version='v2-mine')
    (folder / 'splits.json').write_text(json.dumps({'train': ['a'], 'val': ['b'], 'c': ['c']}))
    ended = create_data(
        'nuscenes', '--root', tmp_path / 'root', '--version', 'v2-mine', '--out', tmp_path / 'out'
    )
    assert ended.returncode == 0, ended.stderr
    assert sorted(os.listdir(tmp_path / 'out')) == [
        *(f'nuscenes_infos_{split}.pkl' for split in ('pretrain', 'train', 'val')),
        'nuscenes_label_splits.json',
    ]
    assert 'label splits of train (scenes): 1pct empty' in ended.stdout
    assert 'c: no file written' in ended.stdout


def test_mini_with_a_missing_file(tmp_path):
    make_tiny_nuscenes(tmp_path, {'scene-0061': 3})
    next((tmp_path / 'samples' / 'CAM_BACK').iterdir()).unlink()
    command = ('nuscenes', '--root', tmp_path, '--version', 'v1.0-mini')
    assert_one_error_line(create_data(*command), '1 of 21 files', '1 scenes', '--allow-partial')
    ended = create_data(*command, '--allow-partial')
    assert ended.returncode == 0, ended.stderr
    for split in ('train', 'pretrain'):
        file = tmp_path / f'nuscenes_infos_{split}.pkl'
        assert len(read_infos(file)['data_list']) == 2
        assert f'{split}: 2 samples (1 of its 8 scenes) -> {file}' in ended.stdout
    assert 'val: no file written' in ended.stdout
    assert 'left out 1 of 3 samples: 1 of 21 files' in ended.stdout
    assert 'keyframes: 100%' in ended.stderr, 'no progress bar'


def test_user_error(tmp_path):
    wrong = create_data('semantickitti', '--root', tmp_path)
    assert_one_error_line(wrong, str(tmp_path), 'sequences')


def test_semantickitti(tmp_path):
    folder = tmp_path / 'sequences' / '08' / 'velodyne'
    folder.mkdir(parents=True)
    np.ones((3, 4), np.float32).tofile(folder / '000000.bin')
    ended = create_data('semantickitti', '--root', tmp_path, '--out', tmp_path / 'out')
    assert ended.returncode == 0, ended.stderr
    assert sorted(os.listdir(tmp_path / 'out')) == [
        'semantickitti_infos_trainval.pkl',
        'semantickitti_infos_val.pkl',
    ]


def test_a_further_data_set_by_the_file_of_its_record(tmp_path):
    write_toy(tmp_path / 'data')
    (tmp_path / 'toy_record.py').write_text(code_blocks()[0])
    command = ('toy', '--root', tmp_path / 'data', '--out', tmp_path / 'out')
    ended = create_data('--record', tmp_path / 'toy_record.py', *command)
    assert ended.returncode == 0, ended.stderr
    assert 'train: 5 samples (5 with labels)' in ended.stdout
    assert sorted(os.listdir(tmp_path / 'out')) == [
        'toy_infos_train.pkl',
        'toy_infos_val.pkl',
        'toy_label_splits.json',
    ]
    assert create_data(*command).returncode == 2
    assert_one_error_line(create_data('--record', tmp_path / 'no.py', *command), 'no.py does not')


@pytest.mark.parametrize(
    'arguments', [(), ('nuscenes',), ('nuscenes', '--root', '.'), ('kitti', '--root', '.')]
)
def test_usage(arguments):
    ended = create_data(*arguments)
    assert ended.returncode == 2
    assert 'usage: create_data.py' in ended.stderr
