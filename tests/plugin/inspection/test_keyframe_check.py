"""One keyframe checked: files that were exchanged for others of the same size and kind."""

import numpy as np
import pytest
from PIL import Image

from stslidr.errors import InputError, MissingFileError
from stslidr.files.infos import read_infos, write_infos
from stslidr.files.superpixel_maps import SuperpixelMaps
from stslidr.inspection.finding_kinds import KINDS
from stslidr.inspection.keyframe_check import CheckedKeyframe, check_keyframe
from stslidr.inspection.keyframe_files import list_keyframes
from support.tiny_data import NUM_SUPERPIXELS, SIZES, make_tiny_data


def areas(seed, size):
    """A map of areas, and an image in which each has a colour."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform((0, 0), size, (NUM_SUPERPIXELS, 2))
    pixels = np.stack(np.indices(size), axis=-1)
    labels = ((pixels[:, :, None] - centres) ** 2).sum(axis=-1).argmin(axis=-1)
    colours = rng.integers(0, 256, (NUM_SUPERPIXELS, 3))
    return colours[labels].astype(np.uint8), labels.astype(np.uint8)


@pytest.fixture
def data(tmp_path):
    made = make_tiny_data(tmp_path / 'data', num_keyframes=2)
    for name, size in SIZES.items():
        for index in range(2):
            image, labels = areas(10 * size[0] + index, size)
            Image.fromarray(image).save(made.root / name / f'{index}.png')
            token = f'{name.lower()}{index}'
            Image.fromarray(labels).save(made.root / made.superpixels / f'{token}.png')
    return made


def check(data, index=0):
    keyframes = list_keyframes(data.root / data.ann_file, data.root, data.data_prefix)
    return check_keyframe(keyframes[index], SuperpixelMaps(data.root / data.superpixels))


def test_a_sound_keyframe(data):
    checked = check(data)
    assert checked.findings == [] and len(checked.hashes) == 5
    assert set(checked.lidar2cam) == set(SIZES) and checked.sweep.endswith('sweeps/0.bin')


def test_exchanged_maps_are_told(data):
    one, other = (data.root / data.superpixels / f'left{index}.png' for index in range(2))
    first = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(first)
    for index in range(2):
        (finding,) = check(data, index).findings
        assert finding.kind == 'superpixels' and f'left{index}.png fits' in finding.text


def test_all_that_is_wrong_is_said_at_once(data):
    (data.root / 'sweeps/0.bin').write_bytes(b'1234567')
    (data.root / 'LEFT/0.png').unlink()
    (data.root / data.superpixels / 'right0.png').write_bytes(b'')
    infos = read_infos(data.root / data.ann_file)
    infos['data_list'][0]['ego2global'] = np.full((4, 4), np.nan).tolist()
    write_infos(data.root / data.ann_file, infos['metainfo'], infos['data_list'])
    kinds = [finding.kind for finding in check(data).findings]
    assert kinds == ['calibration', 'damaged', 'missing', 'damaged']


def test_a_camera_without_stated_size_and_image(data):
    infos = read_infos(data.root / data.ann_file)
    for key in ('height', 'width'):
        del infos['data_list'][0]['images']['LEFT'][key]
    write_infos(data.root / data.ann_file, infos['metainfo'], infos['data_list'])
    assert check(data).findings == []
    (data.root / 'LEFT/0.png').unlink()
    assert [finding.kind for finding in check(data).findings] == ['missing']


def test_errors_become_findings_and_faults_of_ours_do_not():
    checked = CheckedKeyframe('here')
    for error, kind in (
        (InputError('a\nb'), 'labels'),
        (MissingFileError('gone'), 'missing'),
        (OSError(5, 'Input/output error'), 'labels'),
    ):
        with checked.noting('labels'):
            raise error
        assert checked.findings[-1].kind == kind and kind in KINDS
    assert checked.findings[0].text == 'a b'
    with pytest.raises(ValueError, match='ours'), checked.noting('labels'):
        raise ValueError('ours')
