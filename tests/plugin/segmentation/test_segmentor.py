"""The segmentor and its batches: which voxel serves which point, and what a probe trains."""

import pytest
import torch
from mmdet3d.registry import DATASETS, MODELS
from mmengine.dataset import pseudo_collate

import stslidr.plugin  # noqa: F401
from stslidr.errors import InputError
from stslidr.segmentation.segmentor import VoxelSegmentor
from support.tiny_labelled import make_labelled_nuscenes
from support.tiny_segmentation import SCENES, tiny_segmentor


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp('labelled')
    make_labelled_nuscenes(folder, SCENES)
    return folder


@pytest.fixture(scope='module')
def config(root):
    return tiny_segmentor(root, root / 'unused')


@pytest.fixture
def model(config):
    return MODELS.build(config.model)


@pytest.fixture(scope='module')
def batch(config):
    """Function (mode) -> two collated sweeps."""

    def collate(loader):
        dataset = DATASETS.build(config[loader].dataset)
        return pseudo_collate([dataset[0], dataset[5]])

    return collate


def frozen(config):
    return MODELS.build({**config.model, 'frozen_backbone': True})


def disturb(model):
    """Give every norm statistics and weights of its own."""
    with torch.no_grad():
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(torch.rand_like(tensor) * 0.2 + 0.1)


def test_a_batch_joins_its_sweeps(model, batch):
    data = batch('train_dataloader')
    voxels, coors = data['inputs']['voxels'], data['inputs']['coors']
    joined = model.data_preprocessor(data, True)
    inputs = joined['inputs']
    assert torch.equal(inputs['voxels']['voxels'], torch.cat(voxels))
    for number, coordinates in enumerate(coors):
        own = inputs['voxels']['coors'][:, 0] == number
        assert torch.equal(inputs['voxels']['coors'][own, 1:], coordinates)
        assert (joined['data_samples'][number].batch_idx == number).all()
        assert len(joined['data_samples'][number].batch_idx) == len(coordinates)
    assert inputs['voxels']['coors'].dtype == torch.int32
    assert [len(points) for points in inputs['points']] == [
        len(sample.point2voxel_map) for sample in joined['data_samples']
    ]


def test_every_point_gets_the_class_of_its_voxel(model, batch):
    disturb(model)
    model.eval()
    with torch.no_grad():
        results = model.test_step(batch('val_dataloader'))
        data = model.data_preprocessor(batch('val_dataloader'))
        logits = model(**data, mode='tensor')
    assert logits.shape == (len(data['inputs']['voxels']['voxels']), 16)
    for number, result in enumerate(results):
        own = logits[data['inputs']['voxels']['coors'][:, 0] == number]
        expected = own[result.point2voxel_map]
        assert torch.equal(result.pts_seg_logits.pts_seg_logits, expected.T)
        assert torch.equal(result.pred_pts_seg.pts_semantic_mask, expected.argmax(dim=1))
        assert len(expected) == len(result.eval_ann_info['pts_semantic_mask'])


def test_a_sweep_is_labelled_alike_alone_and_in_a_batch(config, model, batch):
    disturb(model)
    model.eval()
    dataset = DATASETS.build(config.val_dataloader.dataset)
    with torch.no_grad():
        together = model.test_step(batch('val_dataloader'))
        alone = model.test_step(pseudo_collate([dataset[5]]))
    torch.testing.assert_close(
        together[1].pts_seg_logits.pts_seg_logits, alone[0].pts_seg_logits.pts_seg_logits
    )


def test_losses_are_on_voxels(model, batch):
    data = model.data_preprocessor(batch('train_dataloader'), True)
    losses = model.train()(**data, mode='loss')
    logits = model(**data, mode='tensor').detach()
    labels = torch.cat(
        [
            sample.gt_pts_seg.pts_semantic_mask[
                [
                    sample.point2voxel_map.tolist().index(voxel)
                    for voxel in range(len(sample.batch_idx))
                ]
            ]
            for sample in data['data_samples']
        ]
    )
    expected = torch.nn.functional.cross_entropy(logits, labels, ignore_index=16)
    torch.testing.assert_close(losses['loss_ce'].detach(), expected)
    assert losses.keys() == {'loss_ce', 'loss_lovasz'} and (labels == 16).any()
    sum(losses.values()).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_a_frozen_backbone_keeps_everything_it_has(config, batch):
    model = frozen(config)
    disturb(model)
    before = {name: value.clone() for name, value in model.backbone.state_dict().items()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9, weight_decay=0.1)
    for mode in (True, False, True):
        model.train(mode)
        assert not any(module.training for module in model.backbone.modules())
        assert model.decode_head.training == mode
    head = model.decode_head.conv_seg.weight.clone()
    for _ in range(2):
        data = model.data_preprocessor(batch('train_dataloader'), True)
        assert not model.extract_feat(data['inputs']).requires_grad, 'a graph that nothing reads'
        optimizer.zero_grad()
        sum(model(**data, mode='loss').values()).backward()
        optimizer.step()
    assert all(parameter.grad is None for parameter in model.backbone.parameters())
    for name, value in model.backbone.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert not torch.equal(model.decode_head.conv_seg.weight, head)


def test_an_open_backbone_trains_and_moves_its_statistics(model, batch):
    disturb(model)
    before = {name: value.clone() for name, value in model.backbone.state_dict().items()}
    model.train()(**model.data_preprocessor(batch('train_dataloader'), True), mode='loss')
    after = model.backbone.state_dict()
    moved = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert {name for name in after if name.endswith('running_mean')} & moved
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_the_head_takes_its_channels_from_the_backbone(config):
    model = MODELS.build({**config.model, 'backbone': dict(type='Res16UNet', out_channels=11)})
    assert model.decode_head.conv_seg.in_features == 11
    assert model.num_classes == 16


def test_a_backbone_that_breaks_its_contract_is_named(config, monkeypatch):
    monkeypatch.setitem(MODELS.module_dict, 'Bare', torch.nn.Identity)
    with pytest.raises(InputError, match='^backbone: Identity has no out_channels, '):
        VoxelSegmentor(backbone=dict(type='Bare'), decode_head=config.model.decode_head)


def test_settings_that_nothing_reads_are_errors(config):
    with pytest.raises(ValueError, match='train_cfg must be None'):
        MODELS.build({**config.model, 'train_cfg': dict(a=1)})
    with pytest.raises(TypeError, match='auxiliary_head'):
        MODELS.build({**config.model, 'auxiliary_head': dict()})
