"""What the report reads: keyframes at the shown size, labelled sweeps, outputs of models."""

import numpy as np
import pytest
import torch
from mmengine.config import Config

from stslidr.core.pairing import pair_points
from stslidr.core.voxels import VoxelGrid, voxelize
from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.files.superpixel_maps import SuperpixelMaps
from stslidr_studies.report.labelled_sweep import choose_sweep, labelled_samples
from stslidr_studies.report.models import SegmentorOutputs, batch_of, load_pretrainer
from stslidr_studies.report.shown_keyframe import (
    SHOWN_WIDTH,
    find_token,
    pretraining_samples,
    read_keyframe,
)
from support.tiny_data import NUM_SUPERPIXELS


@pytest.fixture(scope='module')
def runs(tiny_study):
    return tiny_study.results / 'runs'


@pytest.fixture(scope='module')
def samples(runs):
    return pretraining_samples(Config.fromfile(runs / 'stslidr/seed0/pretrain/pretrain.py'))


def test_a_view_shows_pairs_and_superpixels_where_they_are(tiny_study, samples):
    keyframe = read_keyframe(samples, 1)
    cameras = samples.get_data_info(1)['cameras']
    maps = SuperpixelMaps(tiny_study.data.root / tiny_study.data.superpixels)
    assert [view.name for view in keyframe.views] == ['LEFT', 'RIGHT']
    assert keyframe.num_superpixels == NUM_SUPERPIXELS
    pairs = pair_points(
        keyframe.points,
        [camera['lidar2cam'] for camera in cameras],
        [camera['cam2img'] for camera in cameras],
        [camera['size'] for camera in cameras],
    )
    for view, camera in zip(keyframe.views, cameras, strict=True):
        height, width = camera['size']
        shown = round(SHOWN_WIDTH * height / width), SHOWN_WIDTH
        assert view.image.shape == (*shown, 3) and view.superpixels.shape == shown
        own = pairs.select(pairs.images == view.number)
        assert view.points.tolist() == own.points.tolist() and len(own) > 50
        native = maps.load(camera['token'], camera['size'], NUM_SUPERPIXELS)
        assert (view.superpixels[tuple(view.pixels.T)] == native[tuple(own.pixels.T)]).all()
        scale = np.array(shown) / (height, width)
        assert np.abs(view.pixels - own.pixels * scale).max() <= scale.max()


def test_samples_are_found_by_token(samples):
    assert find_token(samples, 'sample2') == 2
    assert find_token(samples, 'nothing') is None and find_token(samples, None) is None


def test_a_config_without_validation_data_is_refused(runs):
    config = Config.fromfile(runs / 'stslidr/seed0/pretrain/pretrain.py')
    config.test_dataloader = None
    with pytest.raises(ValueError, match='neither val_dataloader nor test_dataloader'):
        pretraining_samples(config)


def test_the_sweep_with_the_most_classes_is_chosen(tiny_study, runs, monkeypatch):
    dataset = labelled_samples(Config.fromfile(runs / 'random/seed0/probe/probe.py'))
    few = np.full(tiny_study.data.num_points, 17, np.uint8)  # cars
    more = few.copy()
    more[:30] = np.repeat((24, 30, 31), 10)  # road, vegetation, and the ego car, which is ignored
    labels = {'0_labels.bin': few, '1_labels.bin': more, '2_labels.bin': more, '3_labels.bin': few}

    def read(path, label_format, count):
        assert label_format is LIDARSEG and count == tiny_study.data.num_points
        return labels[path.rsplit('/', 1)[1]].astype(np.int64)

    monkeypatch.setattr('stslidr_studies.report.labelled_sweep.read_point_labels', read)
    chosen = choose_sweep(dataset)
    assert chosen.token == 'sample1' and chosen.scene == 'scene-1'
    assert chosen.path.endswith('sweeps/1.bin') and chosen.names[3] == 'car'
    assert np.unique(chosen.classes).tolist() == [3, 10, 15, 16]
    assert chosen.known.sum() == len(more) - 10 and chosen.palette.shape == (16, 3)


def voxels_of(points):
    """Features and coordinates of a sweep's voxels, and the voxel of each point."""
    grid = VoxelGrid('cylindrical', (0.1, 1.0, 0.1))
    voxels = voxelize(grid.coordinates(points[:, :3]))
    coordinates = torch.nn.functional.pad(torch.from_numpy(voxels.coordinates), (1, 0))
    return torch.from_numpy(points[voxels.first_point, 3:]), coordinates, voxels.point2voxel


def test_features_are_those_of_the_pretrained_backbone(runs, samples):
    """The probe's backbone is frozen, so the pretraining's own gives the same features."""
    sweep = samples.get_data_info(0)['lidar_path']
    points = np.fromfile(sweep, np.float32).reshape(-1, 4)
    probe = runs / 'stslidr/seed0/probe'
    output = SegmentorOutputs(
        Config.fromfile(probe / 'probe.py'), str(probe / 'epoch_1.pth'), 'cpu'
    )(sweep)
    folder = runs / 'stslidr/seed0/pretrain'
    model = load_pretrainer(
        Config.fromfile(folder / 'pretrain.py'), str(folder / 'epoch_1.pth'), 'cpu'
    )
    assert not model.training
    features, coordinates, point2voxel = voxels_of(points)
    with torch.no_grad():
        expected = model.backbone(features, coordinates).numpy()[point2voxel]
    np.testing.assert_allclose(output.features, expected, rtol=1e-4, atol=1e-5)
    head = torch.load(probe / 'epoch_1.pth', weights_only=True)['state_dict']
    logits = (
        expected @ head['decode_head.conv_seg.weight'].numpy().T
        + head['decode_head.conv_seg.bias'].numpy()
    )
    assert (output.classes == logits.argmax(axis=1)).mean() > 0.99
    assert (output.points == points).all()


def test_the_batch_is_the_keyframe_alone(runs, samples):
    folder = runs / 'stslidr/seed0/pretrain'
    model = load_pretrainer(
        Config.fromfile(folder / 'pretrain.py'), str(folder / 'epoch_1.pth'), 'cpu'
    )
    batch = batch_of(model, read_keyframe(samples, 0))
    assert batch.batch_size == 1 and len(batch.images) == 2
    assert batch.num_superpixels == NUM_SUPERPIXELS and batch.num_pairs > 100
    other = folder.parents[1] / 'seed0/probe/epoch_1.pth'
    with pytest.raises(ValueError, match='does not fit the model'):
        load_pretrainer(Config.fromfile(folder / 'pretrain.py'), str(other), 'cpu')
