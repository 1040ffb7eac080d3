"""Checkpoints to test and to start from that are damaged, hostile, or of something else."""

import pickle
import shutil
import zipfile

import pytest
import torch

from support.checkpoint_damage import Runs, content_of, saved, with_code
from support.faults import Fault, absent, edited, in_turn, nothing, written

WEIGHTS, PRETRAINED = 'weights.pth', 'pretrained.pth'
NAN = float('nan')


def zeroed(name):
    """A tensor of the archive is zeros, where its CRC-32 is that of what it was."""

    def damage(world):
        with zipfile.ZipFile(world / name) as archive:
            members = [
                member
                for member in archive.infolist()
                if '/data/' in member.filename and any(archive.read(member))
            ]
            largest = max(members, key=lambda member: member.file_size)
        data = bytearray((world / name).read_bytes())
        start = largest.header_offset + 30
        names = int.from_bytes(data[start - 4 : start - 2], 'little')
        start += names + int.from_bytes(data[start - 2 : start], 'little')
        data[start : start + largest.file_size] = bytes(largest.file_size)
        (world / name).write_bytes(data)

    return damage


def weights(edit, name=WEIGHTS):
    """Each tensor by what `edit` returns of its name and values."""

    def change(content):
        content['state_dict'] = {
            key: value
            for old, tensor in content['state_dict'].items()
            for key, value in [edit(old, tensor)]
        }

    return content_of(name, change)


def one_nan(key, tensor):
    if key.startswith('backbone.') and tensor.ndim > 1:
        tensor = tensor.clone()
        tensor.view(-1)[0] = NAN
    return key, tensor


def all_nan(key, tensor):
    return key, torch.full_like(tensor, NAN) if tensor.is_floating_point() else tensor


def other_classes(key, tensor):
    return key, torch.zeros(9, *tensor.shape[1:]) if 'conv_seg' in key else tensor


PTH, PRE = r'weights\.pth', r'pretrained\.pth'
FAULTS = [
    # a file to test
    Fault('checkpoint is missing', absent(WEIGHTS), PTH, 'test'),
    Fault('checkpoint is empty', written(WEIGHTS, b''), PTH, 'test'),
    Fault('checkpoint is a text', written(WEIGHTS, b'no weights here'), PTH, 'test'),
    Fault('checkpoint is cut at a half', edited(WEIGHTS, lambda d: d[: len(d) // 2]), PTH, 'test'),
    Fault('checkpoint lacks its last byte', edited(WEIGHTS, lambda d: d[:-1]), PTH, 'test'),
    Fault(
        'checkpoint begins with zeros', edited(WEIGHTS, lambda d: bytes(64) + d[64:]), PTH, 'test'
    ),
    Fault('a tensor of the checkpoint is zeros', zeroed(WEIGHTS), f'{PTH}.*(CRC|damaged)', 'test'),
    Fault(
        'a byte of the checkpoint is another',
        edited(
            WEIGHTS,
            lambda d: d[: len(d) // 2] + bytes([d[len(d) // 2] ^ 255]) + d[len(d) // 2 + 1 :],
        ),
        PTH,
        'test',
    ),
    Fault('checkpoint holds code', with_code(WEIGHTS), PTH, 'test'),
    Fault(
        'checkpoint is a plain pickle',
        written(WEIGHTS, pickle.dumps({'state_dict': {}})),
        PTH,
        'test',
    ),
    Fault('checkpoint is a pickle with code', written(WEIGHTS, pickle.dumps(Runs())), PTH, 'test'),
    Fault(
        'checkpoint is an old archive with code',
        saved(WEIGHTS, Runs(), _use_new_zipfile_serialization=False),
        PTH,
        'test',
    ),
    Fault('checkpoint is a tensor', saved(WEIGHTS, torch.zeros(3)), PTH, 'test'),
    Fault('checkpoint is a list', saved(WEIGHTS, [1, 2]), PTH, 'test'),
    Fault('checkpoint is an empty dict', saved(WEIGHTS, {}), PTH, 'test'),
    Fault('state_dict is a list', saved(WEIGHTS, {'state_dict': [1]}), PTH, 'test'),
    Fault('state_dict is empty', saved(WEIGHTS, {'state_dict': {}}), PTH, 'test'),
    Fault(
        'state_dict holds a text',
        content_of(WEIGHTS, lambda c: c['state_dict'].update({'decode_head.conv_seg.bias': 'x'})),
        f'{PTH}.*decode_head',
        'test',
    ),
    Fault(
        'state_dict has a number for a name',
        content_of(WEIGHTS, lambda c: c['state_dict'].update({7: torch.zeros(1)})),
        PTH,
        'test',
    ),
    Fault(
        'checkpoint is a zip of something else',
        lambda w: zipfile.ZipFile(w / WEIGHTS, 'w').writestr('a', 'b'),
        PTH,
        'test',
    ),
    Fault(
        'checkpoint is a folder', lambda w: (absent(WEIGHTS)(w), (w / WEIGHTS).mkdir()), PTH, 'test'
    ),
    Fault(
        'checkpoint is a link to itself',
        lambda w: (absent(WEIGHTS)(w), (w / WEIGHTS).symlink_to(WEIGHTS)),
        PTH,
        'test',
    ),
    Fault('a weight is NaN', weights(one_nan), f'{PTH}.*NaN', 'test'),
    Fault('all weights are NaN', weights(all_nan), f'{PTH}.*NaN', 'test'),
    Fault(
        'a weight is infinite',
        weights(lambda k, t: (k, t / 0 if k.endswith('conv_seg.weight') else t)),
        PTH,
        'test',
    ),
    Fault('checkpoint has other classes', weights(other_classes), PTH, 'test'),
    Fault(
        'checkpoint lacks a tensor',
        weights(lambda k, t: (k.replace('conv_seg', 'conv_other'), t)),
        PTH,
        'test',
    ),
    Fault('checkpoint is of another model', weights(lambda k, t: (f'other.{k}', t)), PTH, 'test'),
    Fault(
        'checkpoint is that of a pretraining',
        lambda w: shutil.copy(w / PRETRAINED, w / WEIGHTS),
        PTH,
        'test',
    ),
    Fault(
        'names begin with module.',
        weights(lambda k, t: (f'module.{k}', t)),
        'miou|mIoU',
        'test',
        handled=True,
    ),
    Fault(
        'classes of the checkpoint are others',
        content_of(WEIGHTS, lambda c: c['meta']['dataset_meta'].update(classes=('car', 'road'))),
        'classes',
        'test',
    ),
    Fault(
        'classes of the checkpoint stand in another order',
        content_of(
            WEIGHTS,
            lambda c: c['meta']['dataset_meta'].update(
                classes=c['meta']['dataset_meta']['classes'][::-1]
            ),
        ),
        'other classes.*class 0',
        'test',
    ),
    Fault(
        'classes of the checkpoint are a number',
        content_of(WEIGHTS, lambda c: c['meta']['dataset_meta'].update(classes=16)),
        f'{PTH}.*classes',
        'test',
    ),
    Fault(
        'voxels of the checkpoint are none',
        content_of(WEIGHTS, lambda c: c['meta']['dataset_meta'].update(voxel_grid='cubes')),
        f'{PTH}.*voxel_grid',
        'test',
    ),
    Fault(
        'voxels of the checkpoint are negative',
        content_of(
            WEIGHTS, lambda c: c['meta']['dataset_meta'].update(voxel_grid={'size': [-1, 1, 1]})
        ),
        f'{PTH}.*voxel_grid',
        'test',
    ),
    Fault(
        'meta of the checkpoint is a list',
        content_of(WEIGHTS, lambda c: c.update(meta=[1])),
        f'{PTH}.*meta is a list',
        'test',
    ),
    Fault(
        'dataset_meta of the checkpoint is a text',
        content_of(WEIGHTS, lambda c: c['meta'].update(dataset_meta='nuscenes')),
        f'{PTH}.*dataset_meta is a str',
        'test',
    ),
    Fault(
        'predictions of other classes',
        content_of(WEIGHTS, lambda c: c['meta']['dataset_meta'].update(classes=('car', 'road'))),
        'other classes',
        'predict',
    ),
    Fault('predictions from a damaged checkpoint', zeroed(WEIGHTS), PTH, 'predict'),
    Fault('predictions from weights that are NaN', weights(one_nan), PTH, 'predict'),
    Fault('predictions from code', with_code(WEIGHTS), PTH, 'predict'),
    Fault(
        'predictions from another model', weights(lambda k, t: (f'other.{k}', t)), PTH, 'predict'
    ),
    # a file to start from
    Fault('load_from is missing', absent(PRETRAINED), PRE, 'finetune'),
    Fault('load_from is cut', edited(PRETRAINED, lambda d: d[:-999]), PRE, 'finetune'),
    Fault('load_from has a zeroed tensor', zeroed(PRETRAINED), PRE, 'finetune'),
    Fault('load_from holds code', with_code(PRETRAINED), PRE, 'finetune'),
    Fault('load_from has NaN', weights(one_nan, PRETRAINED), f'{PRE}.*NaN', 'finetune'),
    Fault(
        'load_from fits no tensor',
        weights(lambda k, t: (f'other.{k}', t), PRETRAINED),
        PRE,
        'finetune',
    ),
    Fault(
        'load_from is of a wider backbone',
        weights(lambda k, t: (k, torch.cat([t, t]) if t.ndim else t), PRETRAINED),
        PRE,
        'finetune',
    ),
    Fault(
        'load_from is of another voxel grid',
        content_of(
            PRETRAINED,
            lambda c: c.update(
                meta={'dataset_meta': {'voxel_grid': {'kind': 'cartesian', 'size': [0.1] * 3}}}
            ),
        ),
        'voxel',
        'finetune',
    ),
    Fault(
        'load_from is an address',
        nothing,
        'http://example.com/a.pth',
        'finetune',
        'load_from=http://example.com/a.pth',
    ),
    Fault('load_from is a bucket', nothing, 's3://a/b.pth', 'finetune', 'load_from=s3://a/b.pth'),
    Fault(
        'load_from is a name of torchvision',
        nothing,
        'torchvision://resnet50',
        'finetune',
        'load_from=torchvision://resnet50',
    ),
    Fault(
        'load_from is a file address',
        nothing,
        'file:///etc/passwd',
        'finetune',
        'load_from=file:///etc/passwd',
    ),
    Fault(
        'pretraining starts from what fits no tensor',
        weights(lambda k, t: (f'other.{k}', t), PRETRAINED),
        PRE,
        'pretrain',
        '--cfg-options load_from={root}/pretrained.pth',
    ),
    Fault(
        'pretraining starts from an address',
        nothing,
        'https://example.com/a.pth',
        'pretrain',
        '--cfg-options load_from=https://example.com/a.pth',
    ),
]


@pytest.mark.parametrize('fault', in_turn(FAULTS))
def test_fault(fault, world, capsys):
    fault.check(world, capsys)
