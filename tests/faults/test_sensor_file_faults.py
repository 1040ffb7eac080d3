"""Sweeps, images and superpixel maps that are not what they are taken for."""

import gzip
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from support.faults import Fault, absent, edited, in_turn, written

SWEEP, IMAGE = 'tiny/sweeps/1.bin', 'tiny/LEFT/1.png'
MAP, MANIFEST = 'tiny/superpixels/grid/left1.png', 'tiny/superpixels/grid/manifest.json'
RAW = 'nuscenes/samples/LIDAR_TOP'
NAN = float('nan')


def points(edit, name=SWEEP):
    return lambda world: world.edit_sweep(name, edit)


def one_point(**columns):
    """Point 7 of a sweep says this."""

    def edit(sweep):
        for column, value in columns.items():
            sweep['xyzi'.index(column)] = value

    return points(lambda sweep: edit(sweep[7]))


def a_folder(name):
    def damage(world):
        (world / name).unlink()
        (world / name).mkdir()

    return damage


def a_link(name, target):
    def damage(world):
        (world / name).unlink()
        (world / name).symlink_to(target)

    return damage


def as_npy(world):
    sweep = np.fromfile(world / SWEEP, '<f4').reshape(-1, 4)
    with open(world / SWEEP, 'wb') as file:
        np.save(file, sweep)


def headed(header):
    """The sweep after a header of another format, made to a size that fits."""

    def edit(data):
        return (header + data)[: len(data)]

    return edited(SWEEP, edit)


def picture(name, mode, size, kind='PNG', fill=None):
    def damage(world):
        width, height = size
        if fill is None:
            shape = (
                (height, width, len(mode)) if mode in ('RGB', 'RGBA', 'CMYK') else (height, width)
            )
            pixels = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
            image = Image.fromarray(pixels, mode if len(shape) == 3 else 'L')
        else:
            image = Image.new(mode, size, fill)
        image.save(world / name, kind)

    return damage


def deep(name, size, top):
    def damage(world):
        width, height = size
        pixels = np.random.default_rng(0).integers(0, top, (height, width))
        Image.fromarray(pixels.astype(np.uint16)).save(world / name)

    return damage


def labels(array, kind=np.uint8):
    return lambda world: Image.fromarray(np.asarray(array).astype(kind)).save(world / MAP)


def manifest(edit):
    return lambda world: world.edit_json(MANIFEST, edit)


PCD = b'# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\nFIELDS x y z intensity\n'
PLY = b'ply\nformat binary_little_endian 1.0\nelement vertex 900\nproperty float x\n'
BIN, PNG = r'sweeps/1\.bin', r'LEFT/1\.png'
SEGMENTS = np.arange(48 * 80).reshape(48, 80) // 400
FAULTS = [
    # sweeps of a pretraining
    Fault('sweep is missing', absent(SWEEP), f'{BIN} does not exist'),
    Fault('sweep is empty', written(SWEEP, b''), f'{BIN} is empty'),
    Fault('sweep is cut by a byte', edited(SWEEP, lambda d: d[:-1]), BIN),
    Fault('sweep is cut by a point', edited(SWEEP, lambda d: d[:-16]), BIN),
    Fault('sweep has a point too many', edited(SWEEP, lambda d: d + d[:16]), BIN),
    Fault('sweep is a text', written(SWEEP, b'x y z i\n' * 1800), BIN),
    Fault('sweep is a .npy file', as_npy, BIN),
    Fault('sweep is a .pcd file', headed(PCD), f'{BIN}.*(PCD|pcd)'),
    Fault('sweep is a .ply file', headed(PLY), f'{BIN}.*(PLY|ply)'),
    Fault('sweep is a .las file', headed(b'LASF\0\0\0\0'), f'{BIN}.*(LAS|las)'),
    Fault('sweep is gzipped', edited(SWEEP, gzip.compress), BIN),
    Fault('sweep is a zip archive', headed(b'PK\x03\x04'), BIN),
    Fault('sweep is an image', lambda w: shutil.copy(w / IMAGE, w / SWEEP), BIN),
    Fault('sweep is float64', points(lambda p: p[:450].astype(np.float64)), BIN),
    Fault('sweep is float16', points(lambda p: np.repeat(p, 2, 0).astype(np.float16)), BIN),
    Fault('sweep is int32', points(lambda p: (p * 1000).astype(np.int32)), BIN),
    Fault('sweep is big-endian', points(lambda p: p.astype('>f4')), BIN),
    Fault('sweep is stored by columns', points(lambda p: np.ascontiguousarray(p.T)), BIN),
    Fault('sweep has five columns', points(lambda p: np.c_[p, p[:, 3]].ravel()[:3600]), BIN),
    Fault('sweep is zeros', points(np.zeros_like), f'{BIN}: all 900 points lie at one place'),
    Fault(
        'sweep is one point, 900 times',
        points(lambda p: np.repeat(p[:1], 900, 0)),
        f'{BIN}: all 900 points lie at one place',
    ),
    Fault('a point is NaN', one_point(x=NAN), f'{BIN} has 1 of 900 points with NaN or infinity'),
    Fault(
        'a point is infinite',
        one_point(z=np.inf),
        f'{BIN} has 1 of 900 points with NaN or infinity',
    ),
    Fault(
        'an intensity is NaN', one_point(i=NAN), f'{BIN} has 1 of 900 points with NaN or infinity'
    ),
    Fault(
        'an intensity is infinite',
        one_point(i=-np.inf),
        f'{BIN} has 1 of 900 points with NaN or infinity',
    ),
    Fault('a point lies 1e30 m away', one_point(x=1e30), BIN),
    Fault('a point lies 300 km away', one_point(y=3e5), BIN),
    Fault('sweep is in millimetres', points(lambda p: p * np.float32([1e3, 1e3, 1e3, 1])), BIN),
    Fault('intensities are 16 bits', points(lambda p: p * np.float32([1, 1, 1, 250])), BIN),
    Fault('intensities are negative', points(lambda p: p * np.float32([1, 1, 1, -1])), BIN),
    Fault('sweep is a folder', a_folder(SWEEP), BIN),
    Fault('sweep is a link to nowhere', a_link(SWEEP, '/nowhere'), BIN),
    Fault('sweep is a link to itself', a_link(SWEEP, '1.bin'), BIN),
    Fault('sweep is a device', a_link(SWEEP, '/dev/null'), BIN),
    Fault('sweep is a pipe', lambda w: (absent(SWEEP)(w), os.mkfifo(w / SWEEP)), BIN),
    Fault(
        'folder of the sweeps is a file',
        lambda w: (shutil.rmtree(w / 'tiny/sweeps'), (w / 'tiny/sweeps').touch()),
        'sweeps',
    ),
    # images
    Fault('image is missing', absent(IMAGE), f'{PNG} does not exist'),
    Fault('image is empty', written(IMAGE, b''), PNG),
    Fault('image is a text', written(IMAGE, b'<html>404</html>'), PNG),
    Fault('image is cut at a half', edited(IMAGE, lambda d: d[: len(d) // 2]), PNG),
    Fault('image lacks its header', edited(IMAGE, lambda d: d[8:]), PNG),
    Fault(
        'image has a damaged byte',
        edited(IMAGE, lambda d: d[:900] + bytes([d[900] ^ 255]) + d[901:]),
        PNG,
    ),
    Fault(
        'image is a cut JPEG',
        lambda w: (
            picture(IMAGE, 'RGB', (80, 48), 'JPEG')(w),
            w.edit_bytes(IMAGE, lambda d: d[: len(d) // 2]),
        ),
        PNG,
    ),
    Fault('image is of another size', picture(IMAGE, 'RGB', (40, 24)), f'{PNG}.*24 x 40'),
    Fault('image lies on its side', picture(IMAGE, 'RGB', (48, 80)), PNG),
    Fault('image is 16-bit grey', deep(IMAGE, (80, 48), 65535), f'{PNG}.*16'),
    Fault(
        'image is a float TIFF',
        lambda w: Image.fromarray(np.ones((48, 80), np.float32)).save(w / IMAGE, 'TIFF'),
        PNG,
    ),
    Fault(
        'image claims a billion pixels', written(IMAGE, b'P6 40000 40000 255\n' + bytes(99)), PNG
    ),
    Fault('image is a folder', a_folder(IMAGE), PNG),
    Fault('image is a link to nowhere', a_link(IMAGE, '/nowhere'), PNG),
    Fault('image is a sweep', lambda w: shutil.copy(w / SWEEP, w / IMAGE), PNG),
    # superpixels
    Fault('map is missing', absent(MAP), r'left1\.png'),
    Fault('map is empty', written(MAP, b''), r'left1\.png'),
    Fault('map is a text', written(MAP, b'0 1 2'), r'left1\.png'),
    Fault('map is cut', edited(MAP, lambda d: d[:-30]), r'left1\.png'),
    Fault('map is of another size', labels(SEGMENTS[:24, :40]), r'left1\.png'),
    Fault('map lies on its side', labels(SEGMENTS.T), r'left1\.png'),
    Fault(
        'map has an id that there is no room for',
        labels(np.where(SEGMENTS == 2, 12, SEGMENTS)),
        r'left1\.png',
    ),
    Fault('map is a colour image', picture(MAP, 'RGB', (80, 48)), r'left1\.png'),
    Fault(
        'map is that of another camera',
        lambda w: shutil.copy(w / 'tiny/superpixels/grid/right1.png', w / MAP),
        r'left1\.png',
    ),
    Fault(
        'map is a float image',
        lambda w: Image.fromarray(SEGMENTS.astype(np.float32)).save(w / MAP, 'TIFF'),
        r'left1\.png',
    ),
    Fault('map is a folder', a_folder(MAP), r'left1\.png'),
    Fault('manifest is missing', absent(MANIFEST), r'manifest\.json'),
    Fault('manifest is empty', written(MANIFEST, b''), r'manifest\.json'),
    Fault('manifest is a list', manifest(lambda m: [m]), r'manifest\.json'),
    Fault('manifest is cut', edited(MANIFEST, lambda d: d[: len(d) // 2]), r'manifest\.json'),
    Fault('manifest is nested 100,000 deep', written(MANIFEST, b'[' * 100_000), r'manifest\.json'),
    Fault('manifest is not UTF-8', written(MANIFEST, b'\xff\xfe\x00'), r'manifest\.json'),
    Fault(
        'manifest lacks a key',
        manifest(lambda m: {k: m[k] for k in list(m)[1:]}),
        r'manifest\.json',
    ),
    Fault(
        'folder of the superpixels is missing',
        lambda w: shutil.rmtree(w / 'tiny/superpixels'),
        'superpixels',
    ),
    # other commands that read them
    Fault('superpixels of a missing image', absent(IMAGE), PNG, 'superpixels'),
    Fault(
        'superpixels of a cut image', edited(IMAGE, lambda d: d[: len(d) // 2]), PNG, 'superpixels'
    ),
    Fault('superpixels of a 16-bit image', deep(IMAGE, (80, 48), 65535), PNG, 'superpixels'),
    Fault(
        'superpixels of an image of another size',
        picture(IMAGE, 'RGB', (40, 24)),
        PNG,
        'superpixels',
    ),
    Fault('picture of a missing sweep', absent('tiny/sweeps/0.bin'), r'sweeps/0\.bin', 'draw'),
    Fault(
        'picture of a cut sweep',
        edited('tiny/sweeps/0.bin', lambda d: d[:-3]),
        r'sweeps/0\.bin',
        'draw',
    ),
    Fault(
        'picture of a missing map', absent('tiny/superpixels/grid/left0.png'), r'left0\.png', 'draw'
    ),
    Fault(
        'picture of a NaN',
        lambda w: w.edit_sweep('tiny/sweeps/0.bin', lambda p: p * np.float32(NAN)),
        r'sweeps/0\.bin',
        'draw',
    ),
    Fault('statistics of a missing sweep', absent(SWEEP), BIN, 'describe'),
    Fault('statistics of an infinite point', one_point(x=np.inf), BIN, 'describe'),
]


@pytest.mark.parametrize('fault', in_turn(FAULTS))
def test_fault(fault, world, capsys):
    fault.check(world, capsys)
