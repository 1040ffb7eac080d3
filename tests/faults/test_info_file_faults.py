"""Info files that are damaged, hostile, or say what cannot be."""

import datetime
import os
import pickle
from fractions import Fraction

import numpy as np
import pytest

from support.faults import Fault, in_turn

INFOS = 'tiny/tiny_infos.pkl'
FILE = r'tiny_infos\.pkl'
NAN = float('nan')
EYE, EYE3 = np.eye(4).tolist(), np.eye(3).tolist()
ROTATED = [[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]


class Calls:
    """Pickled, it asks for a call."""

    def __init__(self, function, *arguments):
        self.reduced = (function, arguments)

    def __reduce__(self):
        return self.reduced


def written(content):
    return lambda world: (world / INFOS).write_bytes(content)


def holding(value):
    """A sample with this value, of any kind, beside what it needs."""
    return lambda world: world.edit_infos(lambda infos: infos['data_list'][0].update(further=value))


def file_of(content):
    return lambda world: (world / INFOS).write_bytes(pickle.dumps(content))


def cut(share):
    return lambda world: world.edit_bytes(INFOS, lambda data: data[: int(len(data) * share)])


def stated(*keys, value):
    """The second sample says this."""

    def edit(infos):
        entry = infos['data_list'][1]
        for key in keys[:-1]:
            entry = entry[key]
        entry[keys[-1]] = value

    return lambda world: world.edit_infos(edit)


def unstated(*keys):
    def edit(infos):
        entry = infos['data_list'][1]
        for key in keys[:-1]:
            entry = entry[key]
        del entry[keys[-1]]

    return lambda world: world.edit_infos(edit)


def head(**values):
    return lambda world: world.edit_infos(lambda infos: infos['metainfo'].update(values))


def nest(depth):
    return b'\x80\x04' + b']' * depth + b'a' * (depth - 1) + b'.'


def doubling(levels):
    """A list of twice itself, level by level: small as a file, without end when copied."""
    stream = b'\x80\x04]q\x00'
    for level in range(levels):
        stream += b'](h' + bytes([level]) + b'h' + bytes([level]) + b'eq' + bytes([level + 1])
    return stream + b'.'


REFUSED = f'{FILE} is refused'
UNREADABLE = f'{FILE} is (refused|no readable pickle)'
FAULTS = [
    # the file
    Fault('info file is missing', lambda w: (w / INFOS).unlink(), f'{FILE} does not exist'),
    Fault('info file is empty', written(b''), UNREADABLE),
    Fault('info file is text', written(b'nothing to see'), UNREADABLE),
    Fault('info file is JSON', written(b'{"metainfo": {}, "data_list": []}'), UNREADABLE),
    Fault('info file is zeros', written(bytes(4096)), UNREADABLE),
    Fault('info file is cut at a tenth', cut(0.1), UNREADABLE),
    Fault('info file is cut at a half', cut(0.5), UNREADABLE),
    Fault('info file lacks its last byte', cut(0.9999), UNREADABLE),
    Fault(
        'info file is an image', lambda w: os.replace(w / 'tiny/LEFT/0.png', w / INFOS), UNREADABLE
    ),
    Fault('info file calls os.system', holding(Calls(os.system, 'true')), REFUSED),
    Fault('info file calls eval', holding(Calls(eval, '1')), REFUSED),
    Fault('info file calls open', holding(Calls(open, '/tmp/x', 'w')), REFUSED),
    Fault('info file calls numpy.ndarray', holding(Calls(np.ndarray, (1,), 'f8')), UNREADABLE),
    Fault('info file calls numpy.fromfile', holding(Calls(np.fromfile, '/etc/passwd')), REFUSED),
    Fault('info file calls bytearray', holding(Calls(bytearray, 2 * 10**9)), UNREADABLE),
    Fault('info file holds an object array', holding(np.array([{}, []], object)), UNREADABLE),
    Fault('info file holds a date', holding(datetime.date(2020, 1, 1)), REFUSED),
    Fault('info file holds a fraction', holding(Fraction(1, 3)), REFUSED),
    Fault('info file names a persistent object', written(b'\x80\x04Px\n.'), UNREADABLE),
    Fault('info file names an extension', written(b'\x80\x04\x82\x01.'), UNREADABLE),
    Fault('info file is nested 100,000 deep', written(nest(100_000)), FILE),
    Fault('info file doubles at each level', written(doubling(60)), FILE),
    Fault('info file states a text of 4 GB', written(b'\x80\x04X\xff\xff\xff\xff.'), UNREADABLE),
    Fault(
        'info file states a frame of 1 EB',
        written(b'\x80\x04\x95' + b'\xff' * 7 + b'\x0f.'),
        UNREADABLE,
    ),
    Fault(
        'info file has the layout before v1.1',
        file_of({'infos': [], 'metainfo': {}}),
        'before v1.1',
    ),
    Fault('info file is a list', file_of([1, 2]), 'is no dict'),
    Fault(
        'info file has no metainfo', file_of({'data_list': []}), 'no dict with a dict `metainfo`'
    ),
    Fault('info file has no data_list', file_of({'metainfo': {}}), 'has no `data_list`'),
    Fault('data_list is a dict', file_of({'metainfo': {}, 'data_list': {}}), 'has no `data_list`'),
    Fault(
        'data_list holds None', file_of({'metainfo': {}, 'data_list': [None]}), 'has no `data_list`'
    ),
    Fault('data_list is empty', file_of({'metainfo': {}, 'data_list': []}), 'no samples'),
    Fault('folders is a text', head(folders='lidar'), r'metainfo\.folders is no dict'),
    Fault(
        'folders leads out of the root',
        head(folders={'pts': '../x'}),
        r'folders\.pts .*no path below',
    ),
    # the samples
    Fault('no lidar_points', unstated('lidar_points'), "sample1 has no entry 'lidar_points'"),
    Fault('lidar_points is a list', stated('lidar_points', value=[]), 'sample1: lidar_points'),
    Fault('no lidar_path', unstated('lidar_points', 'lidar_path'), "no entry 'lidar_path'"),
    Fault('lidar_path is None', stated('lidar_points', 'lidar_path', value=None), 'lidar_path'),
    Fault('lidar_path is empty', stated('lidar_points', 'lidar_path', value=''), 'lidar_path'),
    Fault('lidar_path is a number', stated('lidar_points', 'lidar_path', value=7), 'lidar_path'),
    Fault(
        'lidar_path is absolute',
        stated('lidar_points', 'lidar_path', value='/etc/passwd'),
        'no path below',
    ),
    Fault(
        'lidar_path goes up',
        stated('lidar_points', 'lidar_path', value='../../a.bin'),
        'no path below',
    ),
    Fault(
        'lidar_path holds a NUL',
        stated('lidar_points', 'lidar_path', value='a\0b'),
        'no path below',
    ),
    Fault(
        'lidar_path is 5,000 letters long',
        stated('lidar_points', 'lidar_path', value='a' * 5000),
        'aaaa',
    ),
    Fault(
        'lidar_path names no file',
        stated('lidar_points', 'lidar_path', value='no.bin'),
        r'no\.bin does not exist',
    ),
    Fault(
        'lidar_path names a folder',
        stated('lidar_points', 'lidar_path', value='.'),
        'sweeps is a folder',
    ),
    Fault(
        'num_points is too large', stated('lidar_points', 'num_points', value=901), r'sweeps/1\.bin'
    ),
    Fault(
        'num_points is too small', stated('lidar_points', 'num_points', value=899), r'sweeps/1\.bin'
    ),
    Fault('num_points is 0', stated('lidar_points', 'num_points', value=0), 'num_points is 0'),
    Fault(
        'num_points is negative', stated('lidar_points', 'num_points', value=-1), 'num_points is -1'
    ),
    Fault(
        'num_points is a text',
        stated('lidar_points', 'num_points', value='900'),
        "num_points is '900'",
    ),
    Fault(
        'num_points is True', stated('lidar_points', 'num_points', value=True), 'num_points is True'
    ),
    Fault(
        'num_points is NaN', stated('lidar_points', 'num_points', value=NAN), 'num_points is nan'
    ),
    Fault(
        'num_pts_feats is that of others',
        stated('lidar_points', 'num_pts_feats', value=5),
        r'sweeps/1\.bin: the info file states 5 columns',
    ),
    Fault(
        'num_pts_feats is a list',
        stated('lidar_points', 'num_pts_feats', value=[4]),
        'num_pts_feats',
    ),
    Fault('no images', unstated('images'), "no entry 'images'"),
    Fault('images is empty', stated('images', value={}), 'no image of any camera'),
    Fault('images is a list', stated('images', value=[]), 'images'),
    Fault('a camera is called 7', stated('images', 7, value={'img_path': 'x'}), 'the camera 7'),
    Fault(
        'a camera that no folder is known of',
        stated('images', 'EYE', value={'img_path': 'x', 'cam2img': EYE3, 'lidar2cam': EYE}),
        "where the files of 'EYE' lie",
    ),
    Fault(
        'no img_path in any camera', stated('images', value={'LEFT': {}}), 'no image of any camera'
    ),
    Fault('img_path is a number', stated('images', 'LEFT', 'img_path', value=3), 'img_path'),
    Fault(
        'img_path goes up',
        stated('images', 'LEFT', 'img_path', value='../LEFT/1.png'),
        'no path below',
    ),
    Fault(
        'img_path names no file',
        stated('images', 'LEFT', 'img_path', value='no.png'),
        r'LEFT/no\.png',
    ),
    Fault('no cam2img', unstated('images', 'LEFT', 'cam2img'), "LEFT has no entry 'cam2img'"),
    Fault('cam2img is None', stated('images', 'LEFT', 'cam2img', value=None), 'LEFT: cam2img'),
    Fault('cam2img is a text', stated('images', 'LEFT', 'cam2img', value='eye'), 'LEFT: cam2img'),
    Fault(
        'cam2img is ragged',
        stated('images', 'LEFT', 'cam2img', value=[[1], [2, 3], []]),
        'LEFT: cam2img',
    ),
    Fault(
        'cam2img is 2 x 2',
        stated('images', 'LEFT', 'cam2img', value=[[1, 0], [0, 1]]),
        'LEFT: cam2img',
    ),
    Fault(
        'cam2img holds NaN',
        stated('images', 'LEFT', 'cam2img', value=[[NAN] * 3] * 3),
        'cam2img is not finite',
    ),
    Fault(
        'cam2img holds infinity',
        stated('images', 'LEFT', 'cam2img', value=[[float('inf')] * 3] * 3),
        'not finite',
    ),
    Fault(
        'cam2img is zero',
        stated('images', 'LEFT', 'cam2img', value=[[0.0] * 3] * 3),
        'LEFT: cam2img',
    ),
    Fault(
        'cam2img has a negative focal length',
        stated('images', 'LEFT', 'cam2img', value=[[-40, 0, 40], [0, 40, 24], [0, 0, 1]]),
        'LEFT: cam2img',
    ),
    Fault(
        'cam2img holds texts',
        stated('images', 'LEFT', 'cam2img', value=[['1', '0', '0']] * 3),
        'LEFT: cam2img',
    ),
    Fault(
        'cam2img is complex',
        stated('images', 'LEFT', 'cam2img', value=np.eye(3) * 1j),
        'LEFT: cam2img',
    ),
    Fault(
        'cam2img is a nest without end',
        stated('images', 'LEFT', 'cam2img', value=[[[[[[1]]]]]] * 3),
        'LEFT: cam2img',
    ),
    Fault('no lidar2cam', unstated('images', 'LEFT', 'lidar2cam'), "LEFT has no entry 'lidar2cam'"),
    Fault(
        'lidar2cam is 3 x 3',
        stated('images', 'LEFT', 'lidar2cam', value=np.eye(3)),
        'LEFT: lidar2cam',
    ),
    Fault(
        'lidar2cam holds NaN',
        stated('images', 'LEFT', 'lidar2cam', value=np.full((4, 4), NAN)),
        'lidar2cam is not finite',
    ),
    Fault(
        'lidar2cam is scaled',
        stated('images', 'LEFT', 'lidar2cam', value=np.diag([2.0, 2, 2, 1])),
        'LEFT.*lidar2cam',
    ),
    Fault(
        'lidar2cam is mirrored',
        stated('images', 'LEFT', 'lidar2cam', value=np.diag([-1.0, 1, 1, 1])),
        'LEFT.*lidar2cam',
    ),
    Fault(
        'lidar2cam is transposed',
        stated(
            'images',
            'LEFT',
            'lidar2cam',
            value=(
                np.array(ROTATED, float)
                + np.eye(4)[[3] * 4].T @ np.diag([0, 0, 0, 0])
                + np.array([[0, 0, 0, 0]] * 3 + [[1, 2, 3, 0]])
            ),
        ),
        'LEFT.*lidar2cam',
    ),
    Fault('height is a float', stated('images', 'LEFT', 'height', value=48.5), 'height is 48.5'),
    Fault('height is 0', stated('images', 'LEFT', 'height', value=0), 'height is 0'),
    Fault('width is another', stated('images', 'LEFT', 'width', value=81), r'LEFT/1\.png'),
    Fault(
        'width and height are exchanged',
        lambda w: (
            stated('images', 'LEFT', 'width', value=48)(w),
            stated('images', 'LEFT', 'height', value=80)(w),
        ),
        r'LEFT/1\.png',
    ),
    Fault(
        'no sample_data_token',
        unstated('images', 'LEFT', 'sample_data_token'),
        'no sample_data_token',
    ),
    Fault(
        'sample_data_token goes up',
        stated('images', 'LEFT', 'sample_data_token', value='../../x'),
        r'\.\./\.\./x',
    ),
    Fault(
        'sample_data_token is a number',
        stated('images', 'LEFT', 'sample_data_token', value=5),
        'sample_data_token',
    ),
    Fault('token is a list', stated('token', value=[1]), 'token'),
    Fault(
        'a camera sees nothing of any sweep',
        lambda w: w.edit_infos(
            lambda i: (
                [
                    c.update(
                        lidar2cam=[[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, -900], [0, 0, 0, 1]]
                    )
                    for s in i['data_list']
                    for c in s['images'].values()
                ]
                and None
            )
        ),
        'nothing to learn from.*paired with a pixel',
    ),
]


@pytest.mark.parametrize('fault', in_turn(FAULTS))
def test_fault(fault, world, capsys):
    fault.check(world, capsys)
