"""Superpixel folders: manifest, reading, and the errors a loader has to raise."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import socket
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from stslidr.files.label_png import LabelSummary
from stslidr.files.superpixel_manifest import SuperpixelManifest
from stslidr.files.superpixel_maps import SuperpixelMaps, map_names, map_path, write_map

MAKING = SuperpixelManifest('slic', {'n_segments': 150, 'compactness': 6.0}, 'scikit-image', '1')


@pytest.fixture
def folder(tmp_path):
    """A finished folder: map `a` (4, 6) with ids to 23, map `b` (5, 5) with ids to 299."""
    write_map(tmp_path / 'a.png', np.arange(24).reshape(4, 6))
    write_map(tmp_path / 'b.png', np.arange(275, 300).reshape(5, 5))
    summaries = {'a.png': LabelSummary((4, 6), 23), 'b.png': LabelSummary((5, 5), 299)}
    MAKING.describing(summaries).write(tmp_path)
    return tmp_path


def test_maps_come_back_as_int32_even_in_another_process(folder):
    maps = pickle.loads(pickle.dumps(SuperpixelMaps(folder)))
    for token, labels in {
        'a': np.arange(24).reshape(4, 6),
        'b': np.arange(275, 300).reshape(5, 5),
    }.items():
        loaded = maps.load(token, labels.shape, num_superpixels=300)
        assert loaded.dtype == np.int32 and loaded.flags.writeable
        np.testing.assert_array_equal(loaded, labels)


def test_bits_follow_the_ids(folder):
    for token, mode in (('a', 'L'), ('b', 'I;16')):
        with Image.open(folder / f'{token}.png') as image:
            assert image.mode == mode


def test_manifest_counts_what_is_there(folder):
    content = json.loads((folder / 'manifest.json').read_text())
    assert content == {
        'method': 'slic',
        'parameters': {'n_segments': 150, 'compactness': 6.0},
        'library': 'scikit-image',
        'library_version': '1',
        'num_maps': 2,
        'image_sizes': [[4, 6], [5, 5]],
        'highest_id': 299,
        'highest_id_map': 'b.png',
    }
    assert sorted(os.listdir(folder)) == ['a.png', 'b.png', 'manifest.json']


def test_a_map_of_another_size_is_named(folder):
    with pytest.raises(ValueError, match=r'a\.png is 4 x 6 .* image is 6 x 4'):
        SuperpixelMaps(folder).load('a', (6, 4), 300)


def test_too_many_ids_are_refused_in_the_map_itself_and_elsewhere_in_the_folder(folder):
    maps = SuperpixelMaps(folder)
    with pytest.raises(ValueError, match=r'b\.png has ids up to 299, .* at least 300'):
        maps.load('b', (5, 5), 299)
    with pytest.raises(ValueError, match=r'a\.png has ids up to 23, .* at least 24'):
        maps.load('a', (4, 6), 23)
    with pytest.raises(ValueError, match=r'b\.png has ids up to 299'):
        maps.load('a', (4, 6), 150)


def test_a_map_that_was_exchanged_later_is_still_checked(folder):
    write_map(folder / 'a.png', np.full((4, 6), 500))
    with pytest.raises(ValueError, match=r'a\.png has ids up to 500'):
        SuperpixelMaps(folder).load('a', (4, 6), 300)


def test_absent_and_unreadable_maps_are_named(folder):
    maps = SuperpixelMaps(folder)
    with pytest.raises(FileNotFoundError, match=r'c\.png does not exist: run tools/create_super'):
        maps.load('c', (4, 6), 300)
    (folder / 'a.png').write_bytes((folder / 'a.png').read_bytes()[:70])
    with pytest.raises(ValueError, match=r'a\.png cannot be read'):
        maps.load('a', (4, 6), 300)


def test_folders_without_a_finished_manifest_say_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match='absent does not exist: make it with'):
        SuperpixelMaps(tmp_path / 'absent')
    write_map(tmp_path / 'a.png', np.zeros((2, 2), int))
    with pytest.raises(FileNotFoundError, match=r'no manifest\.json.*--adopt'):
        SuperpixelMaps(tmp_path)
    MAKING.write(tmp_path)
    with pytest.raises(ValueError, match='is unfinished: run'):
        SuperpixelMaps(tmp_path)


@pytest.mark.parametrize(
    'content',
    [
        '',
        '{',
        '[]',
        '{}',
        '\xff',
        '{"method": "slic"}',
        json.dumps(
            {
                **json.loads('{}'),
                'method': 1,
                'parameters': {},
                'library': '',
                'num_maps': 1,
                'library_version': '',
                'image_sizes': [],
                'highest_id': 1,
                'highest_id_map': '',
            }
        ),
    ],
)
def test_damaged_manifests_are_named(tmp_path, content):
    (tmp_path / 'manifest.json').write_bytes(content.encode('latin1'))
    with pytest.raises(ValueError, match=r'manifest\.json is no'):
        SuperpixelMaps(tmp_path)


@pytest.mark.parametrize(
    ('change', 'named'),
    [
        ({'method': 'grid'}, 'method'),
        ({'parameters': {}}, 'parameters'),
        ({'library': 'x'}, 'library'),
        ({'library_version': '2'}, 'library_version'),
    ],
)
def test_maps_made_otherwise_do_not_mix(tmp_path, change, named):
    fields = {
        'method': MAKING.method,
        'parameters': MAKING.parameters,
        'library': MAKING.library,
        'library_version': MAKING.library_version,
    }
    SuperpixelManifest(**{**fields, **change}, num_maps=3).write(tmp_path)
    with pytest.raises(ValueError, match=f'were made with {named} .* another folder'):
        MAKING.check_same_making(SuperpixelManifest.read(tmp_path), tmp_path)
    MAKING.check_same_making(SuperpixelManifest(**fields, num_maps=9), tmp_path)


def test_manifests_written_at_once_leave_one_whole_file(tmp_path):
    finished = MAKING.describing({'a.png': LabelSummary((4, 6), 23)})
    with ProcessPoolExecutor(3, multiprocessing.get_context('spawn')) as pool:
        writes = [pool.submit(finished.write, tmp_path) for _ in range(60)]
        while not all(write.done() for write in writes):
            if (tmp_path / 'manifest.json').exists():
                assert SuperpixelManifest.read(tmp_path) == finished
    for write in writes:
        write.result()
    assert os.listdir(tmp_path) == ['manifest.json']


def test_only_what_dead_processes_left_of_a_manifest_is_removed(tmp_path):
    dead = subprocess.Popen(['true'])
    dead.wait()
    here = socket.gethostname()
    (tmp_path / f'.manifest.json.{here}.{dead.pid}').touch()
    (tmp_path / f'..manifest.json.{here}.{dead.pid}.partial').touch()
    alive = {
        f'.manifest.json.{here}.1',
        f'..manifest.json.{here}.{os.getppid()}.partial',
        f'.manifest.json.not-{here}.{dead.pid}',
    }
    for name in alive:
        (tmp_path / name).touch()
    MAKING.write(tmp_path)
    assert set(os.listdir(tmp_path)) == {'manifest.json', *alive}


@pytest.mark.parametrize('num_maps', [0, 3])
def test_old_leftovers_of_other_machines_are_removed_when_maps_are_counted(tmp_path, num_maps):
    here = socket.gethostname()
    old = (
        '.manifest.json.node-1.example.12',
        '..manifest.json.node-2.7.partial',
        f'.manifest.json.{here}.1',
    )
    kept = {'.manifest.json.node-3.12', '.a.png.partial', '.manifest.json.notes', 'manifest.json'}
    for name in (*old, *kept):
        (tmp_path / name).touch()
    for name in (*old, '.a.png.partial', '.manifest.json.notes'):
        os.utime(tmp_path / name, (time.time() - 700,) * 2)
    replace(MAKING, num_maps=num_maps).write(tmp_path)
    assert set(os.listdir(tmp_path)) == {*kept, *(() if num_maps else old)}


@pytest.mark.parametrize('token', ['', '../a', 'x/a', '.a', 'a\n', '/a', 'a b'])
def test_a_token_that_is_no_file_name_is_refused(folder, token):
    with pytest.raises(ValueError, match='cannot name a file'):
        SuperpixelMaps(folder).load(token, (4, 6), 300)


def test_names_of_maps_leave_out_what_is_being_written(folder):
    for name in ('.c.png.partial', '.d.png', 'notes.txt'):
        (folder / name).touch()
    assert map_names(folder) == {'a.png', 'b.png'}
    assert map_path(folder, 'a') == folder / 'a.png'
