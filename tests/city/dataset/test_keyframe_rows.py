"""What a keyframe notes for the tables: it comes back as it was, or counts as not there."""

from __future__ import annotations

import errno
import json
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from fake_recorder import FakeRecorder

from stslidr.errors import FileAccessError
from stslidr_city.dataset.keyframe_rows import (
    FOLDER,
    KeyframeRows,
    absolute_times,
    are_there,
    have_rows,
    read_rows,
)
from stslidr_city.dataset.layout import KeyframeKey, scene_start
from stslidr_city.recording.boxes import AnnotatedBox
from stslidr_city.recording.rig import CHANNELS

KEY = KeyframeKey(2, 7)
FILES = {'samples/CAM_FRONT/a.jpg': 1234, 'lidarseg/v1.0-synthetic/b.bin': 34688}


@pytest.fixture
def keyframe_rows():
    return KeyframeRows.of(2, 'a street "ü"', FakeRecorder(7).record(KEY), FILES)


def path_of(root, key=KEY):
    return root / FOLDER / f'synthetic-{key.scene + 1:04d}' / f'{key.index:04d}.json'


def test_a_record_comes_back_as_it_was(keyframe_rows, tmp_path):
    """To the last bit of every number."""
    keyframe_rows.write(tmp_path, KEY)
    assert read_rows(tmp_path, KEY) == keyframe_rows
    assert [path.name for path in path_of(tmp_path).parent.iterdir()] == ['0007.json']


def test_each_keyframe_has_a_file_of_its_own(keyframe_rows, tmp_path):
    keys = [KeyframeKey(scene, index) for scene in (0, 1, 9998) for index in (0, 1, 999)]
    for key in keys:
        replace(keyframe_rows, description=str(key)).write(tmp_path, key)
    for key in keys:
        assert read_rows(tmp_path, key).description == str(key)
    assert read_rows(tmp_path, KeyframeKey(5, 0)) is None
    assert [have_rows(tmp_path, scene) for scene in (0, 1, 2, 9998)] == [True, True, False, True]


def test_numbers_of_numpy_become_plain_ones(tmp_path):
    """JSON has no word for numpy's types, and boxes are computed with numpy."""
    data = FakeRecorder(7).record(KEY)
    box = AnnotatedBox(
        instance=np.int64(2**32 - 1),
        category=np.uint8(17),
        center=tuple(np.float64([1.25, 2.5, 3.0])),
        size=tuple(np.float32([1.5, 4.5, 1.75])),
        yaw=np.float64(0.5),
        num_lidar_pts=np.int64(12),
        visibility=np.float32(0.25),
        attribute='vehicle.moving',
    )
    made = KeyframeRows.of(2, 'a', SimpleNamespace(**{**vars(data), 'boxes': [box]}), {})
    (fields,) = made.boxes
    assert fields == {
        'instance': 4294967295,
        'category': 17,
        'translation': [1.25, 2.5, 3.0],
        'size': [1.5, 4.5, 1.75],
        'rotation': [np.cos(0.25), 0.0, 0.0, np.sin(0.25)],
        'num_lidar_pts': 12,
        'visibility': 0.25,
        'attribute': 'vehicle.moving',
    }
    assert json.loads(json.dumps(asdict(made))) == asdict(made)


def test_times_count_from_1970_and_scenes_are_ten_minutes_apart(keyframe_rows):
    data = FakeRecorder(7).record(KEY)
    assert absolute_times(2, data) == keyframe_rows.timestamps
    for channel in CHANNELS:
        assert keyframe_rows.timestamps[channel] == scene_start(2) + data.timestamps[channel]
        assert absolute_times(3, data)[channel] - keyframe_rows.timestamps[channel] == 600_000_000


@pytest.mark.parametrize(
    'damage',
    [
        lambda text: '',
        lambda text: text[:-1],
        lambda text: text[: len(text) // 2],
        lambda text: 'null',
        lambda text: '[]',
        lambda text: '{}',
        lambda text: text.replace('"boxes"', '"boxen"'),
        lambda text: text.replace('{', '{"more": 1, ', 1),
        lambda text: '\x00' * 100,
    ],
)
def test_a_damaged_record_counts_as_none(keyframe_rows, tmp_path, damage):
    """Its keyframe is made once more; the damage is not carried into the tables."""
    keyframe_rows.write(tmp_path, KEY)
    path = path_of(tmp_path)
    path.write_text(damage(path.read_text()))
    assert read_rows(tmp_path, KEY) is None
    keyframe_rows.write(tmp_path, KEY)
    assert read_rows(tmp_path, KEY) == keyframe_rows


def test_bytes_that_are_no_text_count_as_none(keyframe_rows, tmp_path):
    keyframe_rows.write(tmp_path, KEY)
    path_of(tmp_path).write_bytes(b'\xff\xfe' + path_of(tmp_path).read_bytes())
    assert read_rows(tmp_path, KEY) is None


def test_a_full_disk_leaves_the_record_that_was_there(keyframe_rows, tmp_path, monkeypatch):
    keyframe_rows.write(tmp_path, KEY)

    def full(path, data):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(Path, 'write_bytes', full)
    with pytest.raises(FileAccessError, match='No space left.*synthetic-0003/0007.json'):
        replace(keyframe_rows, description='newer').write(tmp_path, KEY)
    monkeypatch.undo()
    assert read_rows(tmp_path, KEY) == keyframe_rows
    assert [path.name for path in path_of(tmp_path).parent.iterdir()] == ['0007.json']


def test_files_are_there_if_all_have_their_sizes(tmp_path):
    for file, size in FILES.items():
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_bytes(bytes(size))
    assert are_there(tmp_path, FILES) and are_there(tmp_path, {})
    assert not are_there(tmp_path, {**FILES, 'maps/c.png': 0})
    one, other = (tmp_path / file for file in FILES)
    one.write_bytes(bytes(1233))
    assert not are_there(tmp_path, FILES)
    one.unlink()
    assert not are_there(tmp_path, FILES)
    one.parent.rmdir()
    one.parent.touch()  # a file where the folder was
    assert not are_there(tmp_path, FILES)
    assert are_there(tmp_path, {str(other.relative_to(tmp_path)): 34688})
