"""A pretraining checkpoint in stock MMDetection3D: every kernel of the backbone arrives."""

import torch
from mmengine.config import Config
from mmengine.runner import load_checkpoint

from support.tiny_run import SMALL_BACKBONE, tiny_config, train


def segmentor_config():
    return Config(
        dict(
            custom_imports=dict(imports=['projects.STSLidR.stslidr.plugin']),
            default_scope='mmdet3d',
            model=dict(
                type='MinkUNet',
                data_preprocessor=dict(type='Det3DDataPreprocessor'),
                backbone=dict(type='Res16UNet', **SMALL_BACKBONE),
                decode_head=dict(
                    type='MinkUNetHead',
                    channels=4,
                    num_classes=16,
                    dropout_ratio=0,
                    loss_decode=dict(type='mmdet.CrossEntropyLoss'),
                    ignore_index=16,
                ),
                train_cfg=dict(),
                test_cfg=dict(),
            ),
            test_dataloader=dict(
                dataset=dict(
                    type='SemanticKittiDataset',
                    pipeline=[],
                    metainfo=dict(
                        classes=('car', 'road'), seg_label_mapping={10: 0, 40: 1}, max_label=259
                    ),
                )
            ),
        )
    )


def test_init_model_and_load_from_take_every_backbone_tensor(tiny_data, tmp_path):
    from mmdet3d.apis import init_model
    from mmdet3d.registry import MODELS

    pretrained = train(tiny_config(tiny_data, tmp_path, epochs=1))['state_dict']
    path = str(tmp_path / 'epoch_1.pth')
    by_api = init_model(segmentor_config(), path, device='cpu')
    by_load = MODELS.build(segmentor_config().model)
    start = {name: value.clone() for name, value in by_load.backbone.state_dict().items()}
    load_checkpoint(by_load, path, map_location='cpu')
    for model in (by_api, by_load):
        loaded = model.backbone.state_dict()
        assert len(loaded) > 100
        for name, value in loaded.items():
            assert torch.equal(value, pretrained[f'backbone.{name}']), name
            if value.ndim > 1:
                assert not torch.equal(value, start[name]), f'{name} did not change'


def test_the_backbone_serves_a_segmentor(tiny_data):
    from mmdet3d.registry import MODELS

    model = MODELS.build(segmentor_config().model).eval()
    coors = torch.unique(torch.randint(-20, 20, (300, 3)), dim=0).int()
    coors = torch.cat([torch.zeros(len(coors), 1, dtype=torch.int32), coors], dim=1)
    features = model.extract_feat(dict(voxels=dict(voxels=torch.rand(len(coors), 1), coors=coors)))
    assert features.shape == (len(coors), 4) and model.backbone.out_channels == 4
    assert model.decode_head.cls_seg(features).shape == (len(coors), 16)
