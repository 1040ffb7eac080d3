"""What the hook says and refuses, through mmengine's Runner."""

from types import SimpleNamespace

import pytest
import torch
from mmengine.hooks import Hook

from stslidr.core.voxels import VoxelGrid
from stslidr.running import checked_runner, launch
from stslidr.running.launch import build_runner
from stslidr.segmentation.transfer_hook import LISTING, TransferHook
from support.tiny_labelled import make_labelled_nuscenes
from support.tiny_run import forget_runs
from support.tiny_segmentation import SCENES, save_pretraining, tiny_segmentor

GRID = VoxelGrid().describe()
MISSING = 'backbone.decoder.0.up.conv.weight'


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp('labelled')
    make_labelled_nuscenes(folder, SCENES)
    return folder


class Start(Hook):
    """Keeps the weights that the first iteration starts from, then stops the run."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.weights = {name: value.clone() for name, value in runner.model.state_dict().items()}
        raise KeyboardInterrupt


@pytest.fixture
def begin(root, tmp_path):
    """Function (checkpoint, settings) -> weights at the first iteration, log, transfer.txt."""

    def run(checkpoint, name='finetune_1pct_nuscenes', **more):
        work_dir = tmp_path / 'run'
        config = tiny_segmentor(root, work_dir, name, **more)
        config.load_from = checkpoint and str(checkpoint)
        launch.disable_validation(config)
        forget_runs()
        runner, start = build_runner(config), Start()
        runner.register_hook(start)
        with pytest.raises(KeyboardInterrupt):
            runner.train()
        listing = work_dir / LISTING
        return SimpleNamespace(
            weights=start.weights,
            log=next(work_dir.glob('*/*.log')).read_text(),
            listing=listing.read_text() if listing.exists() else None,
        )

    return run


@pytest.fixture
def pretraining(root, tmp_path):
    """Function (change, grid) -> checkpoint whose weights were changed, and these."""

    def write(change=lambda weights: None, grid=GRID):
        path = tmp_path / 'pretrained.pth'
        weights = save_pretraining(tiny_segmentor(root, tmp_path), path, grid)
        stored = torch.load(path, weights_only=True)
        change(stored['state_dict'])
        torch.save(stored, path)
        return path, weights

    return write


@pytest.mark.parametrize('name', ['finetune_1pct_nuscenes', 'linear_probe_nuscenes'])
def test_the_backbone_arrives_bit_for_bit(begin, pretraining, name):
    path, weights = pretraining()
    run = begin(path, name)
    backbone = [name for name in run.weights if name.startswith('backbone.')]
    assert sum(value.ndim == 5 for value in run.weights.values()) > 20, 'sparse kernels'
    for name in backbone:
        assert torch.equal(run.weights[name], weights[name]), name
    assert f'loaded: {len(backbone)} of backbone' in run.log
    assert 'decode_head.conv_seg.weight, decode_head.conv_seg.bias' in run.log
    assert 'image_encoder.conv1.weight' in run.log and 'random weights' not in run.log
    assert set(run.listing.splitlines()) > {*run.weights, *weights}
    assert str(path) in run.listing


def test_another_kind_or_size_of_voxel_is_refused(begin, pretraining):
    path, _ = pretraining(grid=VoxelGrid('cartesian', (0.05, 0.05, 0.1)).describe())
    said = (
        r'pretrained\.pth was trained on cartesian \(0\.05, 0\.05, 0\.1\) voxels, this config '
        r'has cylindrical \(0\.1, 1\.0, 0\.1\) ones'
    )
    with pytest.raises(ValueError, match=said):
        begin(path)


def test_a_checkpoint_that_does_not_say_its_voxels_is_taken_with_a_warning(begin, pretraining):
    assert 'does not say what voxels' in begin(pretraining(grid=None)[0]).log


def test_a_missing_kernel_is_refused(begin, pretraining):
    path, _ = pretraining(lambda weights: weights.pop(MISSING))
    with pytest.raises(ValueError, match=rf'1 of the \d+ tensors of the backbone.*{MISSING}'):
        begin(path)


def test_a_kernel_of_another_shape_is_refused(begin, pretraining):
    def permute(weights):  # as mmdet3d permutes spconv 1.x's
        weights[MISSING] = weights[MISSING].permute(1, 2, 3, 4, 0).contiguous()

    with pytest.raises(ValueError, match=rf'{MISSING} \(\(2, 2, 2, 8, 8\), not \(8, 2, 2, 2, 8\)'):
        begin(pretraining(permute)[0])


def test_a_kernel_that_is_left_out_in_loading_is_refused(begin, pretraining, monkeypatch):
    load = checked_runner._load_checkpoint_to_model

    def load_partly(model, checkpoint, *args, **kwargs):
        weights = {
            name: value for name, value in checkpoint['state_dict'].items() if name != MISSING
        }
        return load(model, {**checkpoint, 'state_dict': weights}, *args, **kwargs)

    monkeypatch.setattr(checked_runner, '_load_checkpoint_to_model', load_partly)
    with pytest.raises(ValueError, match=rf'1 tensors did not arrive in the model, as {MISSING}'):
        begin(pretraining()[0])


def test_without_a_checkpoint_a_warning_but_not_from_scratch(begin):
    run = begin(None)
    assert 'starts from random weights' in run.log and run.listing is None


def test_from_scratch_there_is_none(begin):
    assert 'random weights' not in begin(None, 'scratch_1pct_nuscenes').log


def test_a_test_run_passes(root, tmp_path, pretraining):
    path, _ = pretraining(grid=VoxelGrid('cartesian').describe())
    config = tiny_segmentor(root, tmp_path / 'run')
    config.load_from = str(path)
    forget_runs()
    metrics = build_runner(config).test()
    assert 0 <= metrics['seg/accuracy'] <= 1 and not (tmp_path / 'run' / LISTING).exists()


@pytest.mark.parametrize(('resumed', 'warnings'), [(True, 0), (False, 1)])
def test_a_resumed_run_needs_no_pretraining(monkeypatch, resumed, warnings):
    said = []
    monkeypatch.setattr(
        'stslidr.segmentation.transfer_hook.print_log', lambda text, **settings: said.append(text)
    )
    TransferHook().before_train(SimpleNamespace(_resume=resumed))
    assert len(said) == warnings and all('random weights' in text for text in said)
