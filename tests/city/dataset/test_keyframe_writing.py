"""The files of one keyframe, read back by other means, and none of them half written."""

from __future__ import annotations

import errno
import io
import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from fake_dataset import contents
from fake_recorder import SIZE, FakeRecorder
from PIL import Image

from stslidr.errors import FileAccessError
from stslidr_city.dataset import layout
from stslidr_city.dataset.keyframe_rows import FOLDER, read_rows
from stslidr_city.dataset.keyframe_writing import DEEPEST, MakeKeyframe
from stslidr_city.dataset.layout import KeyframeKey, Tokens
from stslidr_city.dataset.parameters import Parameters
from stslidr_city.recording.rig import CAMERAS, LIDAR

PARAMETERS = Parameters(scenes=2, keyframes=2, seed=7, image_size=(64, 36), diagnostics=True)
FIRST, SECOND = KeyframeKey(1, 0), KeyframeKey(1, 1)
TOKENS = Tokens(7)


def make(root, key=FIRST, parameters=PARAMETERS, recorder=None):
    """Write a keyframe; its rows."""
    MakeKeyframe(root, parameters, recorder or FakeRecorder(7))(key)
    return read_rows(root, key)


@dataclass(frozen=True)
class Changed:
    """A recorder whose keyframes have some other fields."""

    fields: dict

    def world(self, scene):
        return FakeRecorder(7).world(scene)

    def record(self, key):
        return SimpleNamespace(**{**vars(FakeRecorder(7).record(key)), **self.fields})


def test_the_record_lists_the_files_with_their_sizes(tmp_path):
    files = make(tmp_path).files
    written = {
        path.relative_to(tmp_path).as_posix(): path.stat().st_size
        for path in tmp_path.rglob('*')
        if path.is_file() and FOLDER not in path.parts
    }
    assert files == written
    assert len(files) == 1 + 1 + 6 * 3 + 1  # sweep, labels, images with two maps each, the map


def test_files_lie_where_nuscenes_has_them(tmp_path):
    rows = make(tmp_path)
    start = 1_533_081_600_000_000 + 600_000_000
    for channel in (LIDAR, *CAMERAS):
        stamp, ending = rows.timestamps[channel], 'pcd.bin' if channel == LIDAR else 'jpg'
        assert f'samples/{channel}/synthetic-0002__{channel}__{stamp}.{ending}' in rows.files
        assert 0 <= stamp - start <= 50_000
    token = TOKENS.sample_data(FIRST, LIDAR)
    assert f'lidarseg/v1.0-synthetic/{token}_lidarseg.bin' in rows.files
    for camera in CAMERAS:
        token = TOKENS.sample_data(FIRST, camera)
        assert f'diagnostics/class_maps/{token}.png' in rows.files
        assert f'diagnostics/depth_maps/{token}.png' in rows.files


def test_sweep_and_labels_are_bare_little_endian_numbers(tmp_path):
    rows, data = make(tmp_path), FakeRecorder(7).record(FIRST)
    sweep = (tmp_path / layout.sensor_file(1, LIDAR, rows.timestamps[LIDAR])).read_bytes()
    assert sweep == data.sweep.astype('<f4').tobytes() and len(sweep) == 500 * 20
    labels = tmp_path / layout.lidarseg_file(TOKENS.sample_data(FIRST, LIDAR))
    assert labels.read_bytes() == bytes(data.labels.tolist())


def test_other_byte_orders_and_precisions_are_written_alike(tmp_path):
    data = FakeRecorder(7).record(FIRST)
    fields = {'sweep': data.sweep.astype('>f8'), 'labels': data.labels.astype(np.int64)}
    make(tmp_path / 'one')
    make(tmp_path / 'other', recorder=Changed(fields))
    assert contents(tmp_path / 'one') == contents(tmp_path / 'other')


def test_images_are_what_pillow_makes_of_the_pixels_at_quality_90(tmp_path):
    rows, data = make(tmp_path), FakeRecorder(7).record(FIRST)
    for camera in CAMERAS:
        path = tmp_path / layout.sensor_file(1, camera, rows.timestamps[camera])
        stream = io.BytesIO()
        Image.fromarray(data.images[camera]).save(stream, 'JPEG', quality=90)
        assert path.read_bytes() == stream.getvalue()


@pytest.mark.parametrize(
    'metres, units',
    [
        (0.0, 0),
        (1.0, 256),
        (1.0 + 0.4 / 256, 256),
        (1.0 + 0.6 / 256, 257),
        (255.99, 65533),
        (256.0, DEEPEST),
        (300.0, DEEPEST),
        (np.inf, 0),
    ],
)
def test_depths_are_whole_256ths_of_a_metre(tmp_path, metres, units):
    """Beyond what 16 bits reach they stay at the most, and the sky has none."""
    depths = {camera: np.full((36, 64), metres, np.float32) for camera in CAMERAS}
    make(tmp_path, recorder=Changed({'depth_maps': depths}))
    token = TOKENS.sample_data(FIRST, 'CAM_BACK')
    with Image.open(tmp_path / layout.depth_map_file(token)) as image:
        assert image.size == (64, 36)
        assert np.unique(np.asarray(image)).tolist() == [units]


def test_without_diagnostics_there_are_no_maps_of_images(tmp_path):
    plain = make(tmp_path / 'plain', parameters=replace(PARAMETERS, diagnostics=False))
    with_maps = make(tmp_path / 'maps')
    kept = {name for name in with_maps.files if not name.startswith('diagnostics/')}
    assert set(plain.files) == kept and len(with_maps.files) - len(kept) == 12
    assert not (tmp_path / 'plain/diagnostics').exists()


def test_the_first_keyframe_brings_the_scenes_map(tmp_path):
    first, second = make(tmp_path), make(tmp_path, SECOND)
    (name,) = (name for name in first.files if name.startswith('maps/'))
    assert name == f'maps/{TOKENS.map(1)}.png'
    assert not any(name.startswith('maps/') for name in second.files)
    with Image.open(tmp_path / name) as image:
        assert image.size == (10 * SIZE[0] + 1, 10 * SIZE[1] + 1)


def test_making_it_again_writes_the_same_bytes(tmp_path):
    make(tmp_path)
    before = contents(tmp_path)
    make(tmp_path)
    assert contents(tmp_path) == before


def test_the_task_goes_to_other_processes(tmp_path):
    task = MakeKeyframe(tmp_path / 'one', PARAMETERS, FakeRecorder(7))
    pickle.loads(pickle.dumps(task))(FIRST)
    make(tmp_path / 'other')
    assert contents(tmp_path / 'one') == contents(tmp_path / 'other')


@pytest.mark.parametrize('written', [0, 1, 7, 19, 20])
def test_a_full_disk_leaves_whole_files_and_no_record(tmp_path, monkeypatch, written):
    """Whichever file is the first that does not fit; the error names it."""
    real, count = Path.write_bytes, iter(range(100))

    def filling(path, data):
        if next(count) < written:
            return real(path, data)
        real(path, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, 'No space left on device')

    make(tmp_path / 'whole')
    with monkeypatch.context() as patched, pytest.raises(FileAccessError) as caught:
        patched.setattr(Path, 'write_bytes', filling)
        make(tmp_path / 'root')
    assert caught.value.errno == errno.ENOSPC
    whole, found = contents(tmp_path / 'whole'), contents(tmp_path / 'root')
    missing = Path(caught.value.filename).relative_to(tmp_path / 'root').as_posix()
    assert missing in whole and missing not in found
    assert found.items() <= whole.items()
    assert read_rows(tmp_path / 'root', FIRST) is None
    make(tmp_path / 'root')
    assert contents(tmp_path / 'root') == whole
