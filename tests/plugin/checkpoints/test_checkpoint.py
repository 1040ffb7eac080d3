"""A checkpoint as a value: what it says of itself, what it refuses, how often its file is read."""

import hashlib
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from torch import nn

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.core.voxels import VoxelGrid
from stslidr.errors import InputError


class Code:
    def __reduce__(self):
        return print, ('this must not run',)


@pytest.fixture
def whole(tmp_path):
    """A file as a training leaves it."""
    path = tmp_path / 'whole.pth'
    weights = nn.Linear(10, 100).state_dict()
    data = dict(
        voxel_grid=VoxelGrid('cartesian', (0.05, 0.05, 0.1)).describe(),
        label_split='1pct',
        label_split_sha256='ab' * 32,
    )
    torch.save(dict(state_dict=weights, meta=dict(epoch=3, dataset_meta=data)), path)
    return path


def test_what_it_says_of_itself(whole):
    checkpoint = Checkpoint.read(whole)
    assert set(checkpoint.weights) == {'weight', 'bias'} and checkpoint.meta['epoch'] == 3
    assert checkpoint.voxel_grid == VoxelGrid('cartesian', (0.05, 0.05, 0.1))
    assert checkpoint.label_split == ('1pct', 'ab' * 32)
    assert checkpoint.sha256 == hashlib.sha256(whole.read_bytes()).hexdigest()


def test_weights_alone_say_nothing(tmp_path):
    torch.save(nn.Linear(3, 2).state_dict(), tmp_path / 'weights.pth')
    checkpoint = Checkpoint.read(str(tmp_path / 'weights.pth'))
    assert set(checkpoint.weights) == {'weight', 'bias'}
    assert checkpoint.meta == {} == checkpoint.training_data
    assert checkpoint.voxel_grid is None is checkpoint.label_split


def test_damaged_foreign_and_missing_files_are_named(whole, tmp_path, capsys):
    for name, content in (
        ('cut.pth', whole.read_bytes()[:-700]),
        ('garbage.pth', b'no weights'),
        ('zipped.pth', b'PK no weights'),
        ('empty.pth', b''),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=rf'{name}: truncated, no checkpoint'):
            Checkpoint.read(tmp_path / name)
    torch.save(dict(meta=Code()), tmp_path / 'code.pth')
    with pytest.raises(ValueError, match=r'code\.pth.*could run code'):
        Checkpoint.read(tmp_path / 'code.pth')
    assert 'must not run' not in capsys.readouterr().out
    with pytest.raises(FileNotFoundError, match=r'absent\.pth: no such checkpoint'):
        Checkpoint.read(tmp_path / 'absent.pth')
    torch.save([1, 2], tmp_path / 'list.pth')
    with pytest.raises(ValueError, match=r'list\.pth holds a list'):
        Checkpoint.read(tmp_path / 'list.pth')


def test_tensors_are_mapped_and_old_files_are_read(whole, tmp_path):
    held = Checkpoint.read(whole)
    assert str(whole) in Path('/proc/self/maps').read_text() and len(held.weights) == 2
    old = tmp_path / 'old.pth'
    torch.save(dict(state_dict=dict(w=torch.ones(4))), old, _use_new_zipfile_serialization=False)
    assert Checkpoint.read(old).weights['w'].sum() == 4


def test_a_mapped_file_keeps_its_bytes_when_weights_change(whole):
    before = whole.read_bytes()
    Checkpoint.read(whole).weights['weight'].fill_(7)
    assert whole.read_bytes() == before


def test_weights_that_do_not_fit_are_refused(tmp_path):
    model, path = nn.Linear(3, 2), tmp_path / 'weights.pth'
    torch.save(dict(state_dict=nn.Linear(3, 2).state_dict()), path)
    Checkpoint.read(path).load_into(model)
    assert model.weight.equal(Checkpoint.read(path).weights['weight'])
    torch.save(dict(state_dict=OrderedDict(weight=torch.ones(2, 4), bias=torch.ones(2))), path)
    with pytest.raises(ValueError, match='1 tensors are missing or of another shape, as weight'):
        Checkpoint.read(path).load_into(model)


def test_voxels(whole, tmp_path):
    checkpoint, same = Checkpoint.read(whole), VoxelGrid('cartesian', (0.05, 0.05, 0.1))
    checkpoint.check_voxels([same, None, same])
    with pytest.raises(ValueError) as refused:
        checkpoint.check_voxels([same, VoxelGrid()])
    for part in (str(whole), 'cartesian (0.05, 0.05, 0.1)', 'cylindrical (0.1, 1.0, 0.1)'):
        assert part in str(refused.value)
    torch.save({}, tmp_path / 'silent.pth')
    Checkpoint.read(tmp_path / 'silent.pth').check_voxels([VoxelGrid()])


def test_a_copy_may_be_changed(whole):
    checkpoint = Checkpoint.read(whole)
    copied = checkpoint.copy_content()
    copied['meta']['dataset_meta'].clear()
    del copied['meta']['epoch']
    assert checkpoint.label_split is not None and checkpoint.meta['epoch'] == 3
    assert copied['state_dict']._metadata == checkpoint.weights._metadata
    assert all(copied['state_dict'][name] is value for name, value in checkpoint.weights.items())
    bare = Checkpoint(whole, checkpoint.weights).copy_content()
    assert bare._metadata == checkpoint.weights._metadata


def test_who_changes_a_copy_changes_no_checkpoint(tmp_path):
    weights = OrderedDict(a=torch.ones(2))
    weights._metadata = {'': {'version': 1}}
    torch.save({'state_dict': weights, 'meta': {'epoch': 1}}, tmp_path / 'whole.pth')
    torch.save(weights, tmp_path / 'bare.pth')
    for name in ('whole.pth', 'bare.pth'):
        checkpoint = Checkpoint.read(tmp_path / name)
        copied = checkpoint.copy_content()
        state = copied.get('state_dict', copied)
        assert state._metadata == weights._metadata
        state['b'] = torch.zeros(1)
        del state['a']
        assert list(checkpoint.weights) == ['a']


def test_names_of_a_parallel_wrapper(tmp_path):
    model = nn.Linear(2, 3)
    wrapped = {f'module.{name}': value for name, value in model.state_dict().items()}
    torch.save({'state_dict': wrapped}, tmp_path / 'wrapped.pth')
    read = Checkpoint.read(tmp_path / 'wrapped.pth')
    assert list(read.weights) == ['weight', 'bias']
    other = nn.Linear(2, 3)
    read.load_into(other)
    assert torch.equal(other.weight, model.weight)


def test_broken_weights_are_refused(tmp_path):
    state = nn.Linear(2, 3).state_dict()
    state['weight'][0, 0] = float('nan')
    torch.save({'state_dict': state, 'meta': {}}, tmp_path / 'broken.pth')
    with pytest.raises(InputError, match=r'broken\.pth: 1 tensors hold NaN or infinity, as weight'):
        Checkpoint.read(tmp_path / 'broken.pth').check_weights(nn.Linear(2, 3))
    torch.save({'state_dict': [1]}, tmp_path / 'list.pth')
    with pytest.raises(InputError, match=r'list\.pth: state_dict is a list, no weights'):
        Checkpoint.read(tmp_path / 'list.pth').check_weights(nn.Linear(2, 3))
