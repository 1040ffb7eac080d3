"""Roots of nuScenes and SemanticKITTI whose tables and files do not fit together."""

import os
import shutil

import pytest

from support.faults import Fault, in_turn, nothing

NAN = float('nan')


def table(name, edit):
    return lambda world: world.edit_json(f'nuscenes/v1.0-tiny/{name}.json', edit)


def row(name, position=0, **values):
    return table(name, lambda rows: rows[position].update(values))


def without(name, key, position=0):
    return table(name, lambda rows: rows[position].pop(key) and None)


def gone(name, position=0):
    return table(name, lambda rows: rows.pop(position) and None)


def raw(name, content):
    return lambda world: (world / f'nuscenes/v1.0-tiny/{name}.json').write_bytes(content)


def splits(content):
    return raw('splits', content)


def one(folder, edit):
    return lambda world: edit(sorted((world / folder).iterdir())[0])


def in_kitti(edit):
    return lambda world: edit(world / 'kitti')


NU, KITTI = 'nuscenes', 'semantickitti'
SEQUENCE = 'sequences/00'
TABLES = ('sensor', 'calibrated_sensor', 'ego_pose', 'scene', 'sample', 'sample_data', 'category')
FAULTS = [
    *[
        Fault(
            f'table {name} is missing',
            lambda w, name=name: (w / f'nuscenes/v1.0-tiny/{name}.json').unlink(),
            f'lacks the tables .*{name}',
            NU,
        )
        for name in (*TABLES, 'map', 'log')
    ],
    *[
        Fault(
            f'table {name} is cut',
            lambda w, name=name: w.edit_bytes(f'nuscenes/v1.0-tiny/{name}.json', lambda d: d[:-2]),
            rf'{name}\.json',
            NU,
        )
        for name in TABLES
    ],
    *[
        Fault(f'table {name} is empty', raw(name, b''), rf'{name}\.json', NU)
        for name in ('scene', 'sample_data')
    ],
    Fault(
        'table sample is a dict',
        raw('sample', b'{"token": 1}'),
        r'sample\.json .*no list of rows',
        NU,
    ),
    Fault(
        'table sample holds texts', raw('sample', b'["a"]'), r'sample\.json .*no list of rows', NU
    ),
    Fault(
        'table sample is nested 100,000 deep', raw('sample', b'[' * 100_000), r'sample\.json', NU
    ),
    Fault('table sample is not UTF-8', raw('sample', b'[{"token": "\xff"}]'), r'sample\.json', NU),
    Fault('table sample has no rows', raw('sample', b'[]'), 'v1.0-tiny', NU),
    Fault('table sensor has no rows', raw('sensor', b'[]'), 'sensor', NU),
    Fault('a row has no token', without('sample_data', 'token'), 'sample_data|token', NU),
    Fault('a sweep has no file name', without('sample_data', 'filename'), 'filename', NU),
    Fault('a sweep has a number for a file name', row('sample_data', filename=7), 'filename', NU),
    Fault(
        'a file name leads out of the root',
        row('sample_data', filename='../../x.bin'),
        'no path below',
        NU,
    ),
    Fault(
        'a file name is absolute', row('sample_data', filename='/etc/passwd'), 'no path below', NU
    ),
    Fault('a file name is empty', row('sample_data', filename=''), 'no path below', NU),
    Fault('a row refers to no sample', row('sample_data', sample_token='none'), 'none|sample', NU),
    Fault(
        'a row refers to no pose', row('sample_data', ego_pose_token='none'), "ego_pose.*'none'", NU
    ),
    Fault(
        'a row refers to no calibration',
        row('sample_data', calibrated_sensor_token='none'),
        'none',
        NU,
    ),
    Fault(
        'a calibration refers to no sensor',
        row('calibrated_sensor', sensor_token='none'),
        'none',
        NU,
    ),
    Fault('a sample refers to no scene', row('sample', scene_token='none'), 'none', NU),
    Fault('a pose has NaN', row('ego_pose', translation=[NAN, 0, 0]), 'holds no pose', NU),
    Fault('a pose has two numbers', row('ego_pose', translation=[1, 2]), 'holds no pose', NU),
    Fault('a pose has no rotation', without('ego_pose', 'rotation'), 'ego_pose|rotation', NU),
    Fault('a rotation is zero', row('ego_pose', rotation=[0, 0, 0, 0]), 'holds no pose', NU),
    Fault('a rotation is a text', row('ego_pose', rotation='north'), 'holds no pose', NU),
    Fault(
        'a calibration has infinity',
        row('calibrated_sensor', 1, translation=[float('inf'), 0, 0]),
        'holds no pose',
        NU,
    ),
    Fault(
        'a camera has no intrinsics',
        row('calibrated_sensor', 1, camera_intrinsic=[]),
        'cam2img',
        NU,
    ),
    Fault(
        'a camera has NaN intrinsics',
        row('calibrated_sensor', 1, camera_intrinsic=[[NAN] * 3] * 3),
        'cam2img is not finite',
        NU,
    ),
    Fault(
        'a camera has a focal length of zero',
        row('calibrated_sensor', 1, camera_intrinsic=[[0, 0, 1], [0, 0, 1], [0, 0, 1]]),
        'cam2img',
        NU,
    ),
    Fault('a time is NaN', row('sample', timestamp=NAN), 'which is no time', NU),
    Fault('a time is a text', row('sample', timestamp='noon'), 'which is no time', NU),
    Fault('a time is missing', without('sample', 'timestamp'), 'timestamp', NU),
    Fault(
        'an image is 0 pixels high and not there',
        lambda w: (
            row('sample_data', 2, height=0)(w),
            one('nuscenes/samples/CAM_FRONT', os.remove)(w),
        ),
        'not on disk|does not exist',
        NU,
    ),
    Fault('an image has a negative size', row('sample_data', 2, height=-5), 'height', NU),
    Fault('a sweep is missing', one('nuscenes/samples/LIDAR_TOP', os.remove), 'not on disk', NU),
    Fault(
        'a sweep is empty',
        one('nuscenes/samples/LIDAR_TOP', lambda p: p.write_bytes(b'')),
        r'not on disk \(or empty\)',
        NU,
    ),
    Fault(
        'a sweep is cut',
        one('nuscenes/samples/LIDAR_TOP', lambda p: p.write_bytes(p.read_bytes()[:-3])),
        'truncated',
        NU,
    ),
    Fault('an image is missing', one('nuscenes/samples/CAM_FRONT', os.remove), 'not on disk', NU),
    Fault(
        'a label file is missing', one('nuscenes/lidarseg/v1.0-tiny', os.remove), 'not on disk', NU
    ),
    Fault('a sample lacks the camera', gone('sample_data', 2), 'has no keyframe of CAM_FRONT', NU),
    Fault('a sample lacks the LiDAR', gone('sample_data', 0), 'has no keyframe of LIDAR_TOP', NU),
    Fault(
        'no sensor is a camera',
        table(
            'sensor',
            lambda rows: (
                [r.update(modality='radar') for r in rows if r['modality'] == 'camera'] and None
            ),
        ),
        'no keyframe of a camera',
        NU,
    ),
    Fault('no sensor is a LiDAR', row('sensor', modality='radar'), 'no keyframe of a LiDAR', NU),
    Fault('the LiDAR asked for is not there', nothing, '--lidar ROOF', NU, '--lidar ROOF'),
    Fault(
        'splits.json is missing',
        lambda w: (w / 'nuscenes/v1.0-tiny/splits.json').unlink(),
        r'splits\.json does not exist',
        NU,
    ),
    Fault('splits.json is a list', splits(b'["train"]'), r'splits\.json must be a dict', NU),
    Fault('splits.json is empty', splits(b'{}'), r'splits\.json must be a dict', NU),
    Fault('splits.json is cut', splits(b'{"train": ["scene-a"'), r'splits\.json', NU),
    Fault(
        'a split leads out of the folder',
        splits(b'{"../x": ["scene-a"]}'),
        'cannot be part of a file name',
        NU,
    ),
    Fault('a split holds numbers', splits(b'{"train": [1]}'), 'must be a list of scene names', NU),
    Fault(
        'a split names no scene of the tables',
        splits(b'{"train": ["scene-z"]}'),
        'nothing to write',
        NU,
    ),
    Fault('root is not there', lambda w: shutil.rmtree(w / 'nuscenes'), 'is no folder', NU),
    Fault(
        'version is not there',
        lambda w: shutil.rmtree(w / 'nuscenes/v1.0-tiny'),
        'does not exist',
        NU,
    ),
    Fault('info files into a file', nothing, 'no folder', NU, '--out {root}/text'),
    Fault(
        'SemanticKITTI without sequences',
        in_kitti(lambda r: shutil.rmtree(r / 'sequences')),
        'is no SemanticKITTI root',
        KITTI,
    ),
    Fault(
        'SemanticKITTI without sweeps',
        in_kitti(
            lambda r: (
                shutil.rmtree(r / 'sequences') or (r / 'sequences/00/velodyne').mkdir(parents=True)
            )
        ),
        'sequences|sweeps',
        KITTI,
    ),
    Fault(
        'a sweep of SemanticKITTI is empty',
        in_kitti(lambda r: (r / SEQUENCE / 'velodyne/000001.bin').write_bytes(b'')),
        r'000001\.bin',
        KITTI,
    ),
    Fault(
        'a sweep of SemanticKITTI is cut',
        in_kitti(lambda r: (r / SEQUENCE / 'velodyne/000001.bin').write_bytes(bytes(33))),
        r'000001\.bin',
        KITTI,
    ),
    Fault(
        'a label file of SemanticKITTI is missing',
        in_kitti(lambda r: (r / SEQUENCE / 'labels/000001.label').unlink()),
        r'labels are incomplete on disk: 00 \(1 of 2 sweeps\)',
        KITTI,
        handled=True,
    ),
    Fault(
        'info files of SemanticKITTI into a file', nothing, 'no folder', KITTI, '--out {root}/text'
    ),
]


@pytest.mark.parametrize('fault', in_turn(FAULTS))
def test_fault(fault, world, capsys):
    fault.check(world, capsys)
