"""The manifest of a superpixel folder: totals, damaged ones, what killed processes left."""

import os
import socket

import pytest

from stslidr.errors import InputError, MissingFileError
from stslidr.files.json_file import read_json, write_json
from stslidr.files.label_png import LabelSummary
from stslidr.files.superpixel_manifest import LEFTOVER_AGE, MANIFEST, SuperpixelManifest

START = SuperpixelManifest('grid', {'rows': 3}, 'none', '1')
NO_PROCESS = 2**22 + 1  # above the highest id that Linux gives


def test_totals_over_maps_and_the_first_of_equals():
    sizes = [(9, 16), (4, 8), (9, 16), (9, 5)]
    maps = {f'{name}.png': LabelSummary(size, 7) for name, size in zip('dbca', sizes, strict=True)}
    found = START.describing({**maps, 'e.png': LabelSummary((4, 8), 6)})
    assert (found.num_maps, found.highest_id, found.highest_id_map) == (5, 7, 'a.png')
    assert found.image_sizes == [[4, 8], [9, 5], [9, 16]]
    assert START.num_maps == 0, 'the manifest itself stays'


def test_it_is_read_as_it_was_written(tmp_path):
    whole = START.describing({'a.png': LabelSummary((2, 3), 4)})
    whole.write(tmp_path)
    assert SuperpixelManifest.read(tmp_path) == whole and os.listdir(tmp_path) == [MANIFEST]
    for folder, says in ((tmp_path / 'absent', 'does not exist'), (tmp_path.parent, 'has no')):
        with pytest.raises(MissingFileError, match=says):
            SuperpixelManifest.read(folder)


@pytest.mark.parametrize(
    'change', [{'num_maps': '3'}, {'more': 1}, {'parameters': []}, {'method': 3}]
)
def test_other_keys_and_types_are_refused(tmp_path, change):
    START.write(tmp_path)
    write_json(tmp_path / MANIFEST, {**read_json(tmp_path / MANIFEST), **change})
    with pytest.raises(InputError, match=f'{MANIFEST} is no superpixel manifest'):
        SuperpixelManifest.read(tmp_path)


@pytest.mark.parametrize(
    ('host', 'process', 'old', 'maps', 'removed'),
    [
        (socket.gethostname(), NO_PROCESS, False, 0, True),
        (socket.gethostname(), os.getppid(), False, 1, False),
        ('elsewhere', NO_PROCESS, False, 1, False),
        ('elsewhere', NO_PROCESS, True, 0, False),
        ('elsewhere', NO_PROCESS, True, 1, True),
    ],
)
def test_leftovers_of_dead_processes_go(tmp_path, host, process, old, maps, removed):
    leftover = tmp_path / f'.{MANIFEST}.{host}.{process}'
    leftover.touch()
    if old:
        os.utime(leftover, (0, leftover.stat().st_mtime - 2 * LEFTOVER_AGE))
    summaries = {'a.png': LabelSummary((2, 3), 4)}
    (START.describing(summaries) if maps else START).write(tmp_path)
    assert leftover.exists() is not removed
