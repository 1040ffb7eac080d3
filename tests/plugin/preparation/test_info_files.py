"""Where info files can be written, seen before the work that goes into them."""

import os

import numpy as np
import pytest

from stslidr.preparation.info_files import check_folder
from stslidr.preparation.nuscenes_infos import create_nuscenes_infos
from stslidr.preparation.semantickitti_infos import create_semantickitti_infos
from support.tiny_labelled import draw_sweep
from support.tiny_nuscenes import make_tiny_nuscenes


@pytest.fixture
def read_only(monkeypatch, tmp_path):
    """A folder without the right to write; root, as whom tests may run, has all rights."""
    folder = tmp_path / 'read-only'
    folder.mkdir()
    allowed = os.access
    monkeypatch.setattr(
        os,
        'access',
        lambda path, mode: folder != path and folder not in path.parents and allowed(path, mode),
    )
    return folder


def test_a_folder_that_is_there_or_can_be_made(tmp_path, monkeypatch):
    check_folder(tmp_path)
    check_folder(tmp_path / 'not' / 'there')
    monkeypatch.chdir(tmp_path)
    check_folder('relative/folder')
    assert os.listdir(tmp_path) == []


def test_a_read_only_folder(read_only):
    for folder in (read_only, read_only / 'new' / 'one'):
        with pytest.raises(OSError, match=f'to {folder}: {read_only} is read-only; .* --out'):
            check_folder(folder)


def test_a_file_in_the_way(tmp_path):
    (tmp_path / 'file').touch()
    for folder in ('file', 'file/under'):
        with pytest.raises(OSError, match=f'to {tmp_path}/{folder}: {tmp_path}/file is no folder'):
            check_folder(tmp_path / folder)


def test_a_read_only_root_takes_another_folder(read_only, tmp_path):
    make_tiny_nuscenes(read_only / 'nuscenes', {'scene-0061': 1}, cameras=('CAM',))
    velodyne = read_only / 'kitti' / 'sequences' / '00' / 'velodyne'
    velodyne.mkdir(parents=True)
    draw_sweep(5, 4, 1, np.random.default_rng(0)).tofile(velodyne / '000000.bin')
    for create in (
        lambda **out: create_nuscenes_infos(read_only / 'nuscenes', 'v1.0-mini', **out),
        lambda **out: create_semantickitti_infos(read_only / 'kitti', **out),
    ):
        with pytest.raises(OSError, match='read-only; choose another one with --out'):
            create()
        create(out=tmp_path / 'out')
    assert (tmp_path / 'out' / 'nuscenes_infos_train.pkl').is_file()
    assert (tmp_path / 'out' / 'semantickitti_infos_train.pkl').is_file()
