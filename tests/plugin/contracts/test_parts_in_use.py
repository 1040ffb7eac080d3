"""Our parts keep what the contracts promise beside names: shapes, dtypes, graphs, order of rows."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

import stslidr.plugin  # noqa: F401
from stslidr.contracts.checks import check_part, check_result, check_rows
from stslidr.contracts.criterion import ContrastiveResult, Statistics
from stslidr.contracts.dataset import CameraSample, KeyframeResults, KeyframeSample
from stslidr.contracts.encoders import ImageEncoder, ImageWeights, PointBackbone
from stslidr.contracts.superpixels import SuperpixelGenerator
from stslidr.core.seeding import SampleKey
from stslidr.datasets.pretraining import CameraLidarDataset
from stslidr.encoders.image_encoder import FrozenSmallResNet
from stslidr.errors import InputError
from stslidr.losses.contrastive import TolerantContrastiveLoss
from stslidr.preparation.superpixel_methods import Grid, Slic
from support.tiny_batch import make_backbone, make_batch
from support.tiny_run import CONFIGS, tiny_config

CONTRAST = (
    dict(),
    dict(tolerance='quantile', min_quantile=0.2),
    dict(tolerance='quantile', min_quantile=0.2, class_balance=True),
)


@pytest.fixture(scope='module')
def dataset(tiny_data, tmp_path_factory):
    config = tiny_config(tiny_data, tmp_path_factory.mktemp('work')).train_dataloader.dataset
    config.pop('type')
    return CameraLidarDataset(**config)


def unit_rows(rows, seed):
    generator = torch.Generator().manual_seed(seed)
    return nn.functional.normalize(torch.randn(rows, 8, generator=generator), dim=1)


@pytest.mark.parametrize('settings', CONTRAST, ids=lambda settings: '-'.join(settings) or 'plain')
@pytest.mark.parametrize('rows', [0, 1, 7])
def test_a_criterion_has_a_graph_and_statistics_without_one(settings, rows):
    criterion = TolerantContrastiveLoss(**settings)
    points, pixels = unit_rows(rows, 0).requires_grad_(), unit_rows(rows, 1).requires_grad_()
    frozen = unit_rows(rows, 2)
    similarity = frozen @ frozen.T if criterion.needs_similarity else None
    result = check_result(criterion(points, pixels, similarity), criterion)
    assert result.loss.shape == () and torch.isfinite(result.loss)
    result.loss.backward()
    assert points.grad.shape == points.shape and torch.isfinite(points.grad).all()
    for value in result.statistics.values():
        assert value.shape == () and not value.requires_grad
    assert result.statistics['num_anchors'] == rows
    assert 0 <= result.statistics['top1_matching'] <= 1


@pytest.mark.parametrize('settings', CONTRAST, ids=lambda settings: '-'.join(settings) or 'plain')
def test_top1_matching_against_a_loop(settings):
    criterion = TolerantContrastiveLoss(**settings)
    points, pixels = unit_rows(9, 0), unit_rows(9, 1)
    pixels[:4] = points[:4]
    similarity = pixels @ pixels.T if criterion.needs_similarity else None
    found = criterion(points, pixels, similarity).statistics['top1_matching']
    hits = sum(int((points[row] @ pixels.T).argmax()) == row for row in range(9))
    assert found == pytest.approx(hits / 9)


def test_a_backbones_rows_are_in_the_order_of_its_input():
    backbone = check_part(make_backbone(), PointBackbone, 'backbone').eval()
    batch = make_batch(voxels=60)
    order = torch.randperm(len(batch.coors), generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        features = backbone(batch.voxels, batch.coors)
        shuffled = backbone(batch.voxels[order], batch.coors[order])
    assert features.shape == (len(batch.coors), backbone.out_channels)
    assert torch.allclose(shuffled, features[order], atol=1e-5)


def test_a_backbone_takes_no_voxel_at_all():
    backbone = make_backbone().eval()
    found = backbone(torch.empty(0, 1), torch.empty(0, 4, dtype=torch.int32))
    assert found.shape == (0, backbone.out_channels)


@pytest.mark.parametrize('size', [(32, 64), (64, 32)])
def test_an_image_encoder_states_its_channels_and_stride(size):
    encoder = check_part(FrozenSmallResNet('synthetic'), ImageEncoder, 'image_encoder')
    features = encoder(torch.zeros(2, 3, *size))
    stride = encoder.stride
    assert features.shape == (2, encoder.out_channels, size[0] // stride, size[1] // stride)
    assert not features.requires_grad


def encoders_of_configs():
    found = {}
    for path in sorted(CONFIGS.glob('*.py')):
        encoder = Config.fromfile(path, import_custom_modules=False).model.get('image_encoder')
        if encoder is not None:
            found.setdefault(json.dumps(encoder, sort_keys=True), encoder)
    return list(found.values())


@pytest.mark.parametrize('settings', encoders_of_configs(), ids=lambda value: str(value)[:60])
def test_weights_are_described_without_reading_them(settings, monkeypatch):
    """For each encoder of the shipped configs; a description raises for no value."""
    init_default_scope('mmdet3d')
    settings = dict(settings)
    encoder = MODELS.get(settings.pop('type'))

    def refuse(*args, **kwargs):
        raise AssertionError('a file was read')

    monkeypatch.setattr('builtins.open', refuse)
    monkeypatch.setattr(torch, 'load', refuse)
    described = encoder.describe_weights(**settings)
    assert isinstance(described, ImageWeights) and described.name == settings['weights']
    assert described.words.endswith('.') and described.words[0].islower()
    for strange in (dict(weights='absent'), dict(weights='', checkpoint='/no/file'), {}):
        assert isinstance(encoder.describe_weights(**strange), ImageWeights)


@pytest.mark.parametrize('method', [Slic(), Grid()], ids=lambda method: method.name)
def test_a_superpixel_generator_pickles_and_labels_alike(method):
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    labels = method(image, Path('a.png'))
    assert labels.shape == (40, 60) and labels.min() == 0 and labels.dtype.kind in 'iu'
    again = pickle.loads(pickle.dumps(method))
    assert (again(image, Path('b.png')) == labels).all()
    assert json.loads(json.dumps(method.parameters)) == method.parameters
    assert all(isinstance(text, str) for text in (method.library, method.library_version))


def test_cameras_of_a_sample_are_as_their_contract_says(dataset):
    for camera in dataset.get_data_info(0)['cameras']:
        assert camera.keys() == CameraSample.__required_keys__
        assert camera['cam2img'].shape == (3, 3) and camera['lidar2cam'].shape == (4, 4)
        assert camera['cam2img'].dtype == camera['lidar2cam'].dtype == np.float64
        assert Path(camera['path']).is_file() and isinstance(camera['token'], str)


def test_what_the_transforms_add_is_in_the_contract(dataset):
    results = dataset.get_data_info(1)
    stated = KeyframeSample.__required_keys__ | KeyframeResults.__optional_keys__
    for step in dataset.pipeline.transforms[:-1]:
        results = step(results)
    assert results.keys() >= stated
    for image, labels in zip(results['images'], results['superpixels'], strict=True):
        assert image.dtype == torch.float32 and labels.dtype == torch.int32
        assert image.shape[1:] == labels.shape
        assert labels.min() >= 0 and labels.max() < results['num_superpixels']
    assert results['image_sizes'].tolist() == [list(im.shape[1:]) for im in results['images']]


def test_a_packed_sample_has_the_stated_shapes_and_dtypes(dataset):
    inputs = dataset[SampleKey(2, epoch=1, seed=5)]['inputs']
    voxels, images = len(inputs['voxels']), len(inputs['images'])
    pairs = len(inputs['pair_voxels'])
    assert inputs['voxels'].dtype == torch.float32 and inputs['voxels'].ndim == 2
    assert inputs['coors'].shape == (voxels, 3) and inputs['coors'].dtype == torch.int32
    assert inputs['images'].dtype == torch.float32 and inputs['images'].shape[1] == 3
    assert inputs['images'].min() >= 0 and inputs['images'].max() <= 255
    assert inputs['superpixels'].shape == (images, *inputs['images'].shape[2:])
    assert inputs['pair_images'].shape == (pairs,) and inputs['pair_pixels'].shape == (pairs, 2)
    for name, end in (('pair_voxels', voxels), ('pair_images', images)):
        assert inputs[name].dtype == torch.int64
        assert inputs[name].min() >= 0 and inputs[name].max() < end
    size = torch.tensor(inputs['images'].shape[2:])
    assert ((inputs['pair_pixels'] >= 0) & (inputs['pair_pixels'] < size)).all()


def test_a_key_decides_all_draws(dataset):
    first, again = (dataset[SampleKey(0, epoch=2, seed=3)]['inputs'] for _ in range(2))
    other = dataset[SampleKey(0, epoch=3, seed=3)]['inputs']
    assert torch.equal(first['images'], again['images']) and first['seed'] == again['seed']
    assert first['seed'] != other['seed']
    assert dataset[0]['inputs']['seed'] == dataset[SampleKey(0, 0, 0)]['inputs']['seed']


def test_further_statistics_are_let_through_and_members_may_be_properties():
    whole = Statistics(num_anchors=torch.tensor(1.0), top1_matching=torch.tensor(1.0))
    result = ContrastiveResult(torch.tensor(0.0), {**whole, 'more': torch.tensor(2.0)})
    assert check_result(result, nn.Identity()).statistics['more'] == 2

    class Backbone(nn.Identity):
        out_channels = property(lambda self: 4)

    assert check_part(Backbone(), PointBackbone, 'backbone').out_channels == 4
    with pytest.raises(InputError, match=r'^model\.backbone: .*see docs/extending\.md$'):
        check_part(nn.Identity(), PointBackbone, 'model.backbone')


class Half:
    """As much of a superpixel generator as a beginner writes."""

    name = 'half'

    def __call__(self, image, path):
        return np.zeros(image.shape[:2], int)


def test_all_that_is_missing_is_named_in_one_error():
    with pytest.raises(InputError) as raised:
        check_part(Half(), SuperpixelGenerator, 'method')
    assert str(raised.value).startswith('method: Half has no library, library_version, parameters,')
    part = Half()
    part.library, part.library_version, part.parameters = 'none', '1', {}
    assert check_part(part, SuperpixelGenerator, 'method') is part


@pytest.mark.parametrize('rows', [0, 4, 6])
def test_a_row_too_few_or_too_many_is_refused(rows):
    voxels, backbone = torch.ones(5, 1), nn.Identity()
    whole = torch.ones(5, 3)
    assert check_rows(whole, voxels, backbone) is whole
    with pytest.raises(InputError, match=rf'Identity returned \({rows}, 3\) for 5 voxels'):
        check_rows(torch.ones(rows, 3), voxels, backbone)
    with pytest.raises(InputError, match='one row for each'):
        check_rows(torch.ones(5), voxels, backbone)
