"""Each published layout from a file made in that layout; wrong files refused with reasons."""

from __future__ import annotations

import argparse
from collections import OrderedDict

import pytest
import torch

from stslidr.encoders.resnet import ResNet50
from stslidr.encoders.weights import PUBLISHED, WEIGHT_LAYOUTS, load_published, random_weights

ADDRESSES = {
    'moco_v2': 'https://dl.fbaipublicfiles.com/moco/moco_checkpoints/moco_v2_800ep/'
    'moco_v2_800ep_pretrain.pth.tar',
    'moco_v1': 'https://dl.fbaipublicfiles.com/moco/moco_checkpoints/moco_v1_200ep/'
    'moco_v1_200ep_pretrain.pth.tar',
    'swav': 'https://dl.fbaipublicfiles.com/deepcluster/swav_800ep_pretrain.pth.tar',
    'deepcluster_v2': 'https://dl.fbaipublicfiles.com/deepcluster/'
    'deepclusterv2_800ep_pretrain.pth.tar',
    'dino': 'https://dl.fbaipublicfiles.com/dino/dino_resnet50_pretrain/dino_resnet50_pretrain.pth',
    'obow': 'https://github.com/valeoai/obow',
    'torchvision': 'https://download.pytorch.org/models/resnet50-0676ba61.pth',
}
SAME_LAYOUT = [
    ['moco_v1', 'moco_v2'],
    ['swav', 'deepcluster_v2'],
    ['dino'],
    ['obow'],
    ['torchvision'],
]


def encoder():
    """A value of its own in every weight; one number in memory, so that the files are small."""
    with torch.device('meta'):
        shapes = ResNet50().state_dict()
    return OrderedDict(
        (name, torch.full((), index + 1, dtype=value.dtype).expand(value.shape))
        for index, (name, value) in enumerate(shapes.items())
    )


def prefixed(prefix, state):
    return OrderedDict((prefix + name, value) for name, value in state.items())


def linear(name, rows, columns):
    return {
        f'{name}.weight': torch.zeros(1).expand(rows, columns),
        f'{name}.bias': torch.zeros(rows),
    }


def moco(state, head):
    momentum_encoder = {name: torch.tensor(-1.0).expand(64, 9) for name in state}
    weights = prefixed('module.encoder_q.', {**state, **head})
    weights.update(prefixed('module.encoder_k.', {**momentum_encoder, **head}))
    weights['module.queue'] = torch.zeros(128, 8)
    weights['module.queue_ptr'] = torch.zeros(1, dtype=torch.long)
    optimizer = {
        'state': {0: {'momentum_buffer': torch.zeros(3)}},
        'param_groups': [{'lr': 0.03, 'momentum': 0.9, 'params': [0]}],
    }
    return {'epoch': 200, 'arch': 'resnet50', 'state_dict': weights, 'optimizer': optimizer}


def deepcluster(state, prototypes):
    heads = {
        **linear('projection_head.0', 2048, 2048),
        **linear('projection_head.3', 128, 2048),
        'projection_head.1.running_mean': torch.zeros(2048),
        'projection_head.1.num_batches_tracked': torch.tensor(5),
    }
    return prefixed('module.', {**state, **heads, prototypes: torch.zeros(1).expand(3000, 128)})


def content(layout, state=None):
    """What the public file of a layout holds, with ``state`` for the encoder's weights."""
    state = encoder() if state is None else state
    mlp = {**linear('fc.0', 2048, 2048), **linear('fc.2', 128, 2048)}
    return {
        'moco_v2': lambda: moco(state, mlp),
        'moco_v1': lambda: moco(state, linear('fc', 128, 2048)),
        'swav': lambda: deepcluster(state, 'prototypes.weight'),
        'deepcluster_v2': lambda: deepcluster(state, 'prototypes.prototypes0.weight'),
        'dino': lambda: state,
        'obow': lambda: {'network': OrderedDict({**state, **linear('fc', 8192, 2048)})},
        'torchvision': lambda: OrderedDict({**state, **linear('fc', 1000, 2048)}),
    }[layout]()


def saved(tmp_path, layout, state=None, **options):
    path = tmp_path / PUBLISHED[layout].file_name
    torch.save(content(layout, state), path, **options)
    return path


def assert_is_encoder(weights):
    expected = encoder()
    assert list(weights) == list(expected)
    for name, value in weights.items():
        assert value.is_contiguous()
        assert value.dtype == expected[name].dtype
        assert torch.equal(value, expected[name]), name


def test_every_layout_of_the_issue_is_offered():
    assert set(WEIGHT_LAYOUTS) == set(ADDRESSES)


@pytest.mark.parametrize('zipped', [True, False], ids=['zip', 'before-torch-1.6'])
@pytest.mark.parametrize('layout', ADDRESSES)
def test_reads_the_published_layout(tmp_path, layout, zipped):
    path = saved(tmp_path, layout, _use_new_zipfile_serialization=zipped)
    assert_is_encoder(load_published(path, layout))


def test_obow_without_its_classifier_is_read(tmp_path):
    torch.save({'network': encoder()}, tmp_path / 'obow.pth.tar')
    assert_is_encoder(load_published(str(tmp_path / 'obow.pth.tar'), 'obow'))


@pytest.mark.parametrize(
    ('layout', 'group'),
    [(layout, group) for layout in ADDRESSES for group in SAME_LAYOUT if layout not in group],
)
def test_a_file_of_another_layout_is_refused_and_its_own_named(tmp_path, layout, group):
    path = saved(tmp_path, group[0])
    with pytest.raises(ValueError) as caught:
        load_published(path, layout)
    message = str(caught.value)
    assert str(path) in message
    assert repr(layout) in message
    assert set(message.rpartition('fits the layout of ')[2].split(' and ')) == set(group)


def test_a_refused_layout_says_what_was_found(tmp_path):
    with pytest.raises(ValueError, match='found no such entry but epoch, arch, state_dict, opti'):
        load_published(saved(tmp_path, 'moco_v2'), 'obow')
    with pytest.raises(ValueError, match='found none of the weights but module.conv1.weight, mod'):
        load_published(saved(tmp_path, 'swav'), 'dino')


@pytest.mark.parametrize('layout', ADDRESSES)
def test_every_unmatched_key_is_listed(tmp_path, layout):
    state = encoder()
    lost = [name for name in state if name.startswith('layer3')]
    assert len(lost) > 100
    for name in lost:
        del state[name]
    state['layer5.0.conv1.weight'] = torch.zeros(3)
    with pytest.raises(ValueError) as caught:
        load_published(saved(tmp_path, layout, state), layout)
    message = str(caught.value)
    for name in lost:
        assert f'{PUBLISHED[layout].prefix}{name} is missing' in message
    assert f'{PUBLISHED[layout].prefix}layer5.0.conv1.weight is unknown' in message
    assert message.count('is missing') == len(lost)
    assert message.count('is unknown') == 1
    assert ADDRESSES[layout] in message


@pytest.mark.parametrize(
    ('value', 'fault'),
    [
        (torch.zeros(64, 3, 3, 3), r'has shape \(64, 3, 3, 3\), not \(64, 3, 7, 7\)'),
        (torch.full((64, 3, 7, 7), float('nan')), 'is not finite'),
        ('a string', 'is no tensor but str'),
        (None, 'is missing'),
    ],
)
@pytest.mark.parametrize('layout', ['dino', 'moco_v2'])
def test_a_wrong_weight_is_named(tmp_path, layout, value, fault):
    state = encoder()
    state['conv1.weight'] = value
    with pytest.raises(ValueError, match=f'{PUBLISHED[layout].prefix}conv1.weight {fault}'):
        load_published(saved(tmp_path, layout, state), layout)


def test_torchvision_needs_its_classifier(tmp_path):
    with pytest.raises(ValueError, match='fc.weight is missing; fc.bias is missing.*of dino'):
        load_published(saved(tmp_path, 'dino'), 'torchvision')


def test_a_file_from_before_batch_counters_is_read(tmp_path):
    """torchvision's resnet50-19c8e357.pth of 2017."""
    state = encoder()
    counters = [name for name in state if name.endswith('num_batches_tracked')]
    old = {name: value for name, value in state.items() if name not in counters}
    weights = load_published(saved(tmp_path, 'torchvision', old), 'torchvision')
    assert list(weights) == list(state)
    assert all(weights[name].item() == 0 for name in counters)
    assert all(torch.equal(weights[name], value) for name, value in old.items())

    del state[counters[7]]  # one lost counter is no old file
    with pytest.raises(ValueError, match=f'{counters[7]} is missing'):
        load_published(saved(tmp_path, 'torchvision', state), 'torchvision')


def test_half_precision_weights_become_float32(tmp_path):
    weights = random_weights()
    torch.save({name: value.half() for name, value in weights.items()}, tmp_path / 'half.pth')
    read = load_published(tmp_path / 'half.pth', 'dino')
    (tmp_path / 'half.pth').unlink()
    assert read['conv1.weight'].dtype == torch.float32
    assert read['bn1.num_batches_tracked'].dtype == torch.int64
    torch.testing.assert_close(read['conv1.weight'], weights['conv1.weight'], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize('layout', ADDRESSES)
def test_a_missing_file_says_where_it_is_and_where_it_belongs(tmp_path, layout):
    path = tmp_path / 'folder' / PUBLISHED[layout].file_name
    with pytest.raises(FileNotFoundError) as caught:
        load_published(path, layout)
    message = str(caught.value)
    assert ADDRESSES[layout] in message
    assert f'folder {path.parent}' in message
    assert PUBLISHED[layout].file_name in message
    if layout != 'obow':
        assert ADDRESSES[layout].endswith('/' + PUBLISHED[layout].file_name)


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(ValueError, match=f'{tmp_path} is a directory'):
        load_published(tmp_path, 'dino')


@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize('kept', [0.0, 0.5, 0.99])
def test_a_truncated_file_is_refused(tmp_path, zipped, kept):
    path = saved(tmp_path, 'dino', _use_new_zipfile_serialization=zipped)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(ValueError, match='truncated') as caught:
        load_published(path, 'dino')
    assert str(path) in str(caught.value)
    assert ADDRESSES['dino'] in str(caught.value)


@pytest.mark.parametrize('data', [b'<html>404 Not Found</html>', b'\x80\x02', bytes(1000)])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, data):
    (tmp_path / 'page.pth').write_bytes(data)
    with pytest.raises(ValueError, match='page.pth cannot be read'):
        load_published(tmp_path / 'page.pth', 'moco_v2')


class Touch:
    """What an attacker's file would run."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, 'w')


def test_no_code_of_a_file_runs(tmp_path):
    torch.save({**content('moco_v2'), 'extra': Touch(str(tmp_path / 'ran'))}, tmp_path / 'evil.pth')
    with pytest.raises(ValueError, match='evil.pth cannot be read.*weights_only'):
        load_published(tmp_path / 'evil.pth', 'moco_v2')
    assert not (tmp_path / 'ran').exists()


def test_a_refused_object_is_named(tmp_path):
    """DINO's full checkpoint holds its command line; only the backbone file is the teacher."""
    torch.save({'student': encoder(), 'args': argparse.Namespace(lr=1)}, tmp_path / 'full.pth')
    with pytest.raises(ValueError, match='full.pth .*argparse.Namespace.*dino_resnet50_pretrain'):
        load_published(tmp_path / 'full.pth', 'dino')


@pytest.mark.parametrize('other', [torch.zeros(3), [1, 2], 5, {}, {'state_dict': 3}, {1: 2}])
@pytest.mark.parametrize('layout', ['dino', 'moco_v1', 'swav'])
def test_any_other_content_is_refused(tmp_path, layout, other):
    torch.save(other, tmp_path / 'other.pth')
    with pytest.raises(ValueError, match='found '):
        load_published(tmp_path / 'other.pth', layout)


def test_an_unknown_layout_lists_the_known(tmp_path):
    with pytest.raises(ValueError, match="'pixpro' are unknown; choose of moco_v1, moco_v2, swav"):
        load_published(tmp_path, 'pixpro')


def test_random_weights_are_reproducible_and_sane():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    weights, again, other = random_weights(), random_weights(), random_weights(seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(weights[name], again[name]) for name in weights)
    assert not torch.equal(weights['conv1.weight'], other['conv1.weight'])
    for name, value in weights.items():
        if value.ndim == 4:  # kaiming: variance 2 / fan-in
            fan_in = value[0].numel()
            assert value.std().item() == pytest.approx((2 / fan_in) ** 0.5, rel=0.05), name
    network = ResNet50().eval()
    network.load_state_dict(weights)
    with torch.no_grad():
        images = torch.nn.functional.interpolate(torch.randn(2, 3, 8, 12), scale_factor=8)
        features = network(images)
    assert 0.1 < features.std() < 10
    places = torch.nn.functional.normalize(features.movedim(1, -1).reshape(-1, 2048), dim=1)
    assert (places @ places.T).mean() < 0.9  # a network that saw nothing still tells places apart
