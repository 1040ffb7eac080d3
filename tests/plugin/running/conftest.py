"""A config in miniature."""

import pytest
from mmengine.config import Config


@pytest.fixture
def config():
    return Config(
        dict(
            data_root='data',
            model=dict(type='M', backbone=dict(type='B', planes=[1, 2])),
            optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.5)),
            train_dataloader=dict(batch_size=8, dataset=dict(type='D', data_root='data')),
            val_dataloader=dict(batch_size=8, dataset=dict(type='D', data_root='data')),
            visualizer=dict(type='V', vis_backends=[dict(type='Local')]),
            auto_scale_lr=dict(enable=False, base_batch_size=16),
            sync_bn='torch',
            env_cfg=dict(dist_cfg=dict(backend='nccl')),
            default_hooks=dict(),
            tta_model=dict(type='T'),
            tta_pipeline=[
                dict(type='Load'),
                dict(
                    type='TestTimeAug',
                    transforms=[
                        [dict(type='Turn', rot_range=[0, 0]), dict(type='Turn', rot_range=[1, 1])],
                        [dict(type='Pack')],
                    ],
                ),
            ],
        )
    )
