"""Bad files: an error that names the file and travels from a DataLoader worker to the user."""

from __future__ import annotations

import shutil
from functools import partial

import numpy as np
import pytest
from PIL import Image


def damage_sweep(rig, damage):
    path = rig.path('pts')
    path.write_bytes(damage(path.read_bytes()))
    return path


def nan_in(data):
    sweep = np.frombuffer(data, '<f4').copy()
    sweep[5 * 1700 + 1] = np.nan
    return sweep.tobytes()


def resized_image(rig):
    path = rig.path('eye1')
    Image.open(path).resize((65, 64)).save(path)
    return path


def damaged_image(rig, keep):
    path = rig.path('eye1')
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data))])
    return path


def removed(rig, sensor):
    path = rig.path(sensor)
    path.unlink()
    return path


def no_superpixel_folder(rig):
    shutil.rmtree(rig.root / 'superpixels')
    return rig.root / 'superpixels'


def no_superpixel_map(rig):
    rig.superpixel_path('eye1').unlink()
    return rig.superpixel_path('eye1')


def superpixel_map(rig, labels):
    path = rig.superpixel_path('eye1')
    Image.fromarray(labels).save(path)
    return path


BAD_INPUT = {
    'no sweep': partial(removed, sensor='pts'),
    'no image': partial(removed, sensor='eye1'),
    'empty sweep': partial(damage_sweep, damage=lambda data: b''),
    'sweep cut within a row': partial(damage_sweep, damage=lambda data: data[:-7]),
    'sweep cut by whole rows': partial(damage_sweep, damage=lambda data: data[: -20 * 100]),
    'sweep with NaN': partial(damage_sweep, damage=nan_in),
    'truncated image': partial(damaged_image, keep=0.7),
    'no image at all in the file': partial(damaged_image, keep=0.01),
    'image of another size': resized_image,
    'no superpixel folder': no_superpixel_folder,
    'no superpixel map': no_superpixel_map,
    'superpixel map of another size': partial(superpixel_map, labels=np.zeros((64, 63), np.uint8)),
    'superpixel map with too many ids': partial(
        superpixel_map, labels=np.full((64, 64), 256, np.uint16)
    ),
}


@pytest.mark.parametrize('workers', [0, 1])
@pytest.mark.parametrize('bad', BAD_INPUT)
def test_bad_input_is_an_error_that_names_the_file(make_rig, load_batches, bad, workers):
    rig = make_rig()
    load_batches(rig.dataset(), [0], 0)
    path = BAD_INPUT[bad](rig)
    wanted = FileNotFoundError if bad.startswith('no ') and not path.is_file() else ValueError
    with pytest.raises(wanted) as error:
        load_batches(rig.dataset(), [0], workers)
    assert str(path) in str(error.value)


def test_a_sweep_of_other_columns_than_configured_is_refused(make_rig):
    rig = make_rig()
    with pytest.raises(ValueError, match=r'0\.bin: the info file states 5 columns.*load_dim=4'):
        rig.dataset(rig.pipeline(load_dim=4))[0]
