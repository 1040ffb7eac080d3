"""Label files and label splits that do not fit, and sweeps of a fine-tuning and a test."""

import json
import shutil

import numpy as np
import pytest

from support.faults import Fault, in_turn, nothing

SPLITS = 'nuscenes/nuscenes_label_splits.json'
INFOS = 'nuscenes/nuscenes_infos_train.pkl'
NAN = float('nan')


def first(world, folder):
    """The first file of a folder, by name."""
    return sorted((world / f'nuscenes/{folder}').iterdir())[0]


def every(world, folder):
    return sorted((world / f'nuscenes/{folder}').iterdir())


LABELS, SWEEPS = 'lidarseg/v1.0-tiny', 'samples/LIDAR_TOP'


def label(edit):
    """The first label file, changed in its bytes; None: gone."""

    def damage(world):
        path = first(world, LABELS)
        data = edit(path.read_bytes())
        path.unlink()
        if data is not None:
            path.write_bytes(data)

    return damage


def labels(edit):
    def damage(world):
        for path in every(world, LABELS):
            path.write_bytes(edit(path.read_bytes()))

    return damage


def sweep(edit):
    """The first sweep, (N, 5), changed."""

    def damage(world):
        path = first(world, SWEEPS)
        points = np.fromfile(path, '<f4').reshape(-1, 5)
        changed = edit(points)
        (points if changed is None else np.asarray(changed)).tofile(path)

    return damage


def in_folder(folder, edit):
    def damage(world):
        path = first(world, folder)
        path.unlink()
        edit(path)

    return damage


def as_npy(path):
    with path.open('wb') as file:
        np.save(file, np.ones((60, 5), np.float32))


def splits(edit):
    return lambda world: world.edit_json(SPLITS, edit)


def raw_splits(content):
    return lambda world: (world / SPLITS).write_bytes(content)


def info(edit):
    """The first sample of the training, changed."""
    return lambda world: world.edit_infos(lambda infos: edit(infos['data_list'][0]) and None, INFOS)


def one_entry(found):
    """The entry of the split 100pct, wherever the file has it."""
    if isinstance(found, dict):
        if '100pct' in found:
            return found['100pct']
        for value in found.values():
            entry = one_entry(value)
            if entry is not None:
                return entry
    return None


TUNE, TEST = 'finetune', 'test'
BIN, PCD, JSON = r'_lidarseg\.bin', r'\.pcd\.bin', r'nuscenes_label_splits\.json'
FAULTS = [
    Fault('label file is missing', label(lambda d: None), BIN, TUNE),
    Fault('label file is empty', label(lambda d: b''), BIN, TUNE),
    Fault('label file is cut by a label', label(lambda d: d[:-1]), BIN, TUNE),
    Fault('label file has a label too many', label(lambda d: d + b'\0'), BIN, TUNE),
    Fault('label file has unknown ids', label(lambda d: bytes([77]) * len(d)), BIN, TUNE),
    Fault('one id is unknown', label(lambda d: d[:-1] + bytes([200])), BIN, TUNE),
    Fault(
        'label file is of 32 bits',
        label(lambda d: np.frombuffer(d, 'u1').astype('u4').tobytes()),
        BIN,
        TUNE,
    ),
    Fault(
        'label file is that of another sweep',
        lambda w: shutil.copy(every(w, LABELS)[1], first(w, LABELS)),
        BIN,
        TUNE,
    ),
    Fault('label file is a folder', in_folder(LABELS, lambda p: p.mkdir()), BIN, TUNE),
    Fault(
        'label file is a link to nowhere',
        in_folder(LABELS, lambda p: p.symlink_to('/nowhere')),
        BIN,
        TUNE,
    ),
    Fault(
        'no point of any sweep has a label', labels(lambda d: bytes(len(d))), 'ignored|label', TUNE
    ),
    Fault('labels of the test are missing', label(lambda d: None), BIN, TEST),
    Fault('labels of the test are cut', label(lambda d: d[:-1]), BIN, TEST),
    Fault('labels of the test are unknown', label(lambda d: bytes([77]) * len(d)), BIN, TEST),
    Fault('no point of the test has a label', labels(lambda d: bytes(len(d))), 'label', TEST),
    Fault(
        'info file names no label file',
        info(lambda s: s.pop('pts_semantic_mask_path')),
        'names no label file',
        TUNE,
    ),
    Fault(
        'info file has a number for a label file',
        info(lambda s: s.update(pts_semantic_mask_path=4)),
        'pts_semantic_mask_path',
        TUNE,
    ),
    Fault(
        'info file leads out of the labels',
        info(lambda s: s.update(pts_semantic_mask_path='../../x.bin')),
        'no path below',
        TUNE,
    ),
    Fault(
        'version leads out of the labels',
        lambda w: w.edit_infos(lambda i: i['metainfo'].update(version='../..'), INFOS),
        r'\.\./\.\.',
        TUNE,
    ),
    Fault(
        'version is a number',
        lambda w: w.edit_infos(lambda i: i['metainfo'].update(version=3), INFOS),
        'version',
        TUNE,
    ),
    Fault(
        'info file states no split',
        lambda w: w.edit_infos(lambda i: i['metainfo'].pop('split') and None, INFOS),
        'does not state its split',
        TUNE,
    ),
    Fault('label splits are missing', lambda w: (w / SPLITS).unlink(), JSON, TUNE),
    Fault('label splits are empty', raw_splits(b''), JSON, TUNE),
    Fault('label splits are a list', raw_splits(b'[]'), JSON, TUNE),
    Fault('label splits are nested 100,000 deep', raw_splits(b'[' * 100_000), JSON, TUNE),
    Fault('label splits are cut', lambda w: w.edit_bytes(SPLITS, lambda d: d[:-5]), JSON, TUNE),
    Fault(
        'label splits are of another version',
        splits(lambda s: json.loads(json.dumps(s).replace('v1.0-tiny', 'v1.0-mini'))),
        JSON,
        TUNE,
    ),
    Fault(
        'label split is unknown',
        nothing,
        "'2pct'",
        TUNE,
        'train_dataloader.dataset.label_split=2pct',
    ),
    Fault(
        'label split has another hash',
        splits(lambda s: one_entry(s).update(sha256='0' * 64)),
        JSON,
        TUNE,
    ),
    Fault(
        'label split has other names',
        splits(lambda s: json.loads(json.dumps(s).replace('scene-a', 'scene-x'))),
        JSON,
        TUNE,
    ),
    Fault('label split is empty', splits(lambda s: one_entry(s).update(names=[])), JSON, TUNE),
    Fault(
        'label split is a number',
        splits(lambda s: json.loads(json.dumps(s).replace(json.dumps(one_entry(s)), '7'))),
        JSON,
        TUNE,
    ),
    Fault('sweep of the fine-tuning is missing', in_folder(SWEEPS, lambda p: None), PCD, TUNE),
    Fault('sweep of the fine-tuning is cut', sweep(lambda p: p.ravel()[:-2]), PCD, TUNE),
    Fault('sweep of the fine-tuning has NaN', sweep(lambda p: p * np.float32(NAN)), PCD, TUNE),
    Fault(
        'sweep of the fine-tuning has an infinity',
        sweep(lambda p: p[3:4].__setitem__((0, 1), np.inf)),
        PCD,
        TUNE,
    ),
    Fault(
        'sweep of the fine-tuning is float64',
        sweep(lambda p: p[: len(p) // 2].astype(np.float64)),
        PCD,
        TUNE,
    ),
    Fault('sweep of the fine-tuning is zeros', sweep(np.zeros_like), PCD, TUNE),
    Fault('sweep of the fine-tuning has four columns', sweep(lambda p: p[:, :4]), PCD, TUNE),
    Fault(
        'intensities of the fine-tuning are 16 bits',
        sweep(lambda p: p * np.float32([1, 1, 1, 250, 1])),
        PCD,
        TUNE,
    ),
    Fault('sweep of the test is missing', in_folder(SWEEPS, lambda p: None), PCD, TEST),
    Fault('sweep of the test has NaN', sweep(lambda p: p * np.float32(NAN)), PCD, TEST),
    Fault('sweep of the test has a point too many', sweep(lambda p: np.r_[p, p[:1]]), PCD, TEST),
    Fault('sweep to predict is cut', sweep(lambda p: p.ravel()[:-2]), PCD, 'predict'),
    Fault('sweep to predict has NaN', sweep(lambda p: p * np.float32(NAN)), PCD, 'predict'),
    Fault('sweep to predict is empty', in_folder(SWEEPS, lambda p: p.touch()), PCD, 'predict'),
    Fault(
        'sweep to predict is a text',
        in_folder(SWEEPS, lambda p: p.write_text('x' * 2000)),
        PCD,
        'predict',
    ),
    Fault('sweep to predict is a .npy file', in_folder(SWEEPS, as_npy), PCD, 'predict'),
    Fault(
        'sweep to predict is a link to nowhere',
        in_folder(SWEEPS, lambda p: p.symlink_to('/nowhere')),
        PCD,
        'predict',
    ),
    Fault(
        'folder to predict holds no sweep',
        lambda w: (shutil.rmtree(w / 'nuscenes/samples'), (w / 'nuscenes/samples').mkdir()),
        'samples',
        'predict',
    ),
    Fault(
        'folder to predict is not there',
        lambda w: shutil.rmtree(w / 'nuscenes/samples'),
        'samples',
        'predict',
    ),
    Fault(
        'token of a submission leads out of it',
        lambda w: w.edit_infos(
            lambda i: i['data_list'][0]['lidar_points'].update(sample_data_token='../../../x'),
            INFOS,
        ),
        r'\.\./\.\./\.\./x',
        TEST,
        '--out {root}/submitted',
    ),
    Fault(
        'split of a submission leads out of it',
        lambda w: w.edit_infos(lambda i: i['metainfo'].update(split='../..'), INFOS),
        r'\.\./\.\.',
        TEST,
        '--out {root}/submitted',
    ),
    Fault(
        'two sweeps of a submission have one token',
        lambda w: w.edit_infos(
            lambda i: (
                [s['lidar_points'].update(sample_data_token='same') for s in i['data_list']]
                and None
            ),
            INFOS,
        ),
        'same',
        TEST,
        '--out {root}/submitted',
    ),
]


@pytest.mark.parametrize('fault', in_turn(FAULTS))
def test_fault(fault, world, capsys):
    fault.check(world, capsys)
