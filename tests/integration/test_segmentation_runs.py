"""Pretrain, probe and fine-tune on made-up data, with the shipped configs in miniature."""

import shutil
from pathlib import Path

import pytest
import torch

from stslidr.core.voxels import VoxelGrid
from stslidr.files.label_split_file import hash_names
from stslidr.running import launch
from support.tiny_labelled import make_labelled_kitti, make_labelled_nuscenes
from support.tiny_run import (
    assert_same_weights,
    build_runner,
    forget_runs,
    last_checkpoint,
    tiny_config,
    train,
)
from support.tiny_segmentation import SCENES, SEQUENCES, tiny_segmentor

EVERY_ITERATION = dict(
    default_hooks__checkpoint__by_epoch=False, default_hooks__checkpoint__interval=1
)


@pytest.fixture(scope='module')
def roots(tmp_path_factory):
    """Made-up nuScenes and SemanticKITTI."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ('nuscenes', 'semantickitti')}
    make_labelled_nuscenes(folders['nuscenes'], SCENES)
    make_labelled_kitti(folders['semantickitti'], SEQUENCES)
    return folders


@pytest.fixture(scope='module')
def pretrained(tiny_data, tmp_path_factory):
    """Checkpoint of a pretraining of 3 iterations."""
    folder = tmp_path_factory.mktemp('pretrained')
    config = tiny_config(tiny_data, folder, 'slidr_dino', epochs=1)
    launch.disable_validation(config)
    train(config)
    return folder / 'epoch_1.pth'


def run(name, roots, work_dir, load_from=None, **more):
    """Train a shipped config on its made-up data; return its last checkpoint."""
    config = tiny_segmentor(roots[name.split('_')[-1]], work_dir, name, **more)
    config.load_from = load_from and str(load_from)
    return train(config)


@pytest.fixture(scope='module')
def finetuned(roots, pretrained, tmp_path_factory):
    """Fine-tuning over 2 epochs of 2 iterations, a checkpoint after each."""
    folder = tmp_path_factory.mktemp('finetuned')
    run(
        'finetune_1pct_nuscenes',
        roots,
        folder,
        pretrained,
        **EVERY_ITERATION,
        train_dataloader__dataset__label_split='50pct',
    )
    return folder


def backbone_of(checkpoint):
    return {
        name: value
        for name, value in checkpoint['state_dict'].items()
        if name.startswith('backbone.')
    }


def test_a_pretraining_says_what_voxels_it_was_trained_on(pretrained):
    meta = torch.load(pretrained, weights_only=True)['meta']['dataset_meta']
    assert VoxelGrid(**meta['voxel_grid']) == VoxelGrid('cylindrical', (0.1, 1.0, 0.1))


def test_a_backbone_of_other_voxels_is_refused(tiny_data, roots, tmp_path):
    config = tiny_config(
        tiny_data, tmp_path, 'slidr_dino', epochs=1, train_dataloader__dataset__indices=2
    )
    for step in config.train_dataloader.dataset.pipeline:
        if step.type == 'VoxelizeSweep':
            step.update(kind='cartesian', size=(0.5, 0.5, 0.2))
    launch.disable_validation(config)
    train(config)
    with pytest.raises(ValueError, match=r'cartesian \(0\.5, 0\.5, 0\.2\).*cylindrical \(0\.1,'):
        run('linear_probe_nuscenes', roots, tmp_path / 'probe', tmp_path / 'epoch_1.pth')


def test_a_linear_probe_trains_the_head_and_nothing_else(roots, pretrained, tmp_path):
    """Two epochs, each with a validation, after which mmengine puts the model in train mode."""
    probe = run('linear_probe_nuscenes', roots, tmp_path, pretrained)
    before = backbone_of(torch.load(pretrained, weights_only=True))
    after = backbone_of(probe)
    assert after.keys() == before.keys()
    assert {name.rpartition('.')[2] for name in after} == {
        'weight',
        'bias',
        'running_mean',
        'running_var',
        'num_batches_tracked',
    }
    for name, value in after.items():
        assert torch.equal(value, before[name]), name
    assert before['backbone.stem.norm.num_batches_tracked'] == 3, 'statistics of the pretraining'
    first, last = (
        torch.load(tmp_path / f'epoch_{epoch}.pth', weights_only=True)['state_dict']
        for epoch in (1, 2)
    )
    for name in ('decode_head.conv_seg.weight', 'decode_head.conv_seg.bias'):
        assert not torch.equal(first[name], last[name])
    assert len(probe['optimizer']['state']) == 2, 'momenta of the head alone'
    history = probe['message_hub']['log_scalars']
    assert len(history['val/seg/miou']['history']) == 1, 'the second comes after the checkpoint'
    assert history['train/lr']['history'].tolist() == pytest.approx([0.05] * 4 + [0.025] * 4)


def test_fine_tuning_moves_everything_with_a_rate_of_its_own_for_the_head(finetuned, pretrained):
    checkpoint = last_checkpoint(finetuned)
    before, after = backbone_of(torch.load(pretrained, weights_only=True)), backbone_of(checkpoint)
    for name, value in after.items():
        assert not torch.equal(value, before[name]), name
    names = [
        name
        for name, value in checkpoint['state_dict'].items()
        if 'running' not in name and 'tracked' not in name
    ]
    groups = torch.load(finetuned / 'iter_1.pth', weights_only=True)['optimizer']['param_groups']
    rates = {
        name: (group['lr'], group['initial_lr']) for name, group in zip(names, groups, strict=True)
    }
    for name, (_, initial) in rates.items():
        assert initial == pytest.approx(2.0 if name.startswith('decode_head') else 0.02), name
    assert all(group['weight_decay'] == 1e-4 and group['dampening'] == 0.1 for group in groups)


def test_the_label_split_is_in_the_log_and_the_checkpoint(finetuned):
    meta = last_checkpoint(finetuned)['meta']['dataset_meta']
    expected = hash_names(['scene-a', 'scene-b'])
    assert (meta['label_split'], meta['label_split_sha256'], meta['num_labelled_samples']) == (
        '50pct',
        expected,
        5,
    )
    assert expected in next(finetuned.glob('*/*.log')).read_text()


@pytest.mark.parametrize('stopped_at', [1, 2])
def test_a_resumed_run_is_the_uninterrupted_one(roots, finetuned, tmp_path, stopped_at):
    config = tiny_segmentor(
        roots['nuscenes'],
        tmp_path,
        **EVERY_ITERATION,
        train_dataloader__dataset__label_split='50pct',
    )
    launch.resume_from(config, str(finetuned / f'iter_{stopped_at}.pth'))
    resumed = train(config)
    assert resumed['meta']['iter'] == 4
    assert_same_weights(resumed, last_checkpoint(finetuned))
    assert not (tmp_path / 'transfer.txt').exists()


def test_one_command_starts_a_probe_and_takes_it_up_again(roots, pretrained, tmp_path):
    """`--resume` with `load_from`: first the pretraining, after a crash the run's own weights."""
    whole, crashed = tmp_path / 'whole', tmp_path / 'crashed'

    def probe(work_dir):
        config = tiny_segmentor(
            roots['nuscenes'],
            work_dir,
            'linear_probe_nuscenes',
            **EVERY_ITERATION,
            train_dataloader__dataset__label_split='50pct',
            load_from=str(pretrained),
        )
        launch.resume_from(config, 'auto')
        return train(config)

    end = probe(whole)
    crashed.mkdir()
    shutil.copy(whole / 'iter_3.pth', crashed)  # as a kill in the fourth iteration leaves it
    (crashed / 'last_checkpoint').write_text(str(whole / 'iter_3.pth'))
    assert_same_weights(probe(crashed), end)
    assert (whole / 'transfer.txt').exists() and not (crashed / 'transfer.txt').exists()
    for name, value in backbone_of(torch.load(pretrained, weights_only=True)).items():
        assert torch.equal(value, end['state_dict'][name]), name


def test_a_seed_changes_the_head_and_the_order(roots, tmp_path):
    def begin(folder, seed):
        config = tiny_segmentor(
            roots['nuscenes'], tmp_path / folder, 'linear_probe_nuscenes', randomness__seed=seed
        )
        forget_runs()
        runner = build_runner(config)
        order = [key.index for key in runner.train_dataloader.sampler]
        return runner.model.state_dict(), order

    (one, order), (again, same_order), (other, other_order) = (
        begin('one', 1),
        begin('again', 1),
        begin('other', 2),
    )
    head = 'decode_head.conv_seg.weight'
    assert torch.equal(one[head], again[head]) and order == same_order
    assert not torch.equal(one[head], other[head]) and order != other_order
    assert sorted(order) == sorted(other_order) == list(range(8))


def test_semantickitti(roots, pretrained, tmp_path):
    checkpoint = run('finetune_1pct_semantickitti', roots, tmp_path, pretrained, epochs=1)
    assert checkpoint['state_dict']['decode_head.conv_seg.weight'].shape == (19, 4)
    meta = checkpoint['meta']['dataset_meta']
    assert len(meta['classes']) == 19 and meta['label_split'] == '100pct'


def test_from_scratch_needs_no_checkpoint(roots, tmp_path):
    checkpoint = run('scratch_1pct_nuscenes', roots, tmp_path, epochs=1)
    assert all(value.isfinite().all() for value in checkpoint['state_dict'].values())


def test_mmdet3d_predicts_with_the_config_and_the_checkpoint(roots, finetuned):
    from mmdet3d.apis import LidarSeg3DInferencer, inference_segmentor, init_model

    config = tiny_segmentor(roots['nuscenes'], finetuned)
    path = str(finetuned / Path((finetuned / 'last_checkpoint').read_text()).name)
    model = init_model(config, path, device='cpu')
    stored = torch.load(path, weights_only=True)
    for name, value in model.state_dict().items():
        assert torch.equal(value, stored['state_dict'][name]), name
    assert len(model.dataset_meta['classes']) == len(model.dataset_meta['palette']) == 16
    config.load_from = path
    forget_runs()
    runner = build_runner(config)
    runner.load_or_resume()
    dataset = runner.test_dataloader.dataset
    (batch,) = list(runner.test_dataloader)
    with torch.no_grad():
        expected = runner.model.eval().test_step(batch)
    config.dump(finetuned / 'config.py')
    inferencer = LidarSeg3DInferencer(str(finetuned / 'config.py'), weights=path, device='cpu')
    for index in (0, 3):
        sweep = dataset.get_data_info(index)['lidar_path']
        classes = expected[index].pred_pts_seg.pts_semantic_mask
        result, _ = inference_segmentor(model, sweep)
        assert torch.equal(result.pred_pts_seg.pts_semantic_mask, classes)
        (listed,) = inferencer(dict(points=sweep), no_save_vis=True)['predictions']
        assert listed['pts_semantic_mask'] == classes.tolist()
