"""Keys that lead nowhere are errors, on the command line and in a config file."""

import pytest
from mmengine.config import Config

from stslidr.running.options import check_names, merge_options


@pytest.mark.parametrize(
    'key, value',
    [
        ('train_dataloader.batch_size', 2),
        ('model.backbone.planes', [3, 4]),
        (
            'model.backbone.bn_eps',
            1e-3,
        ),  # not in the config: B's constructor says whether it knows it
        ('optim_wrapper.clip_grad.max_norm', 1.0),
        ('visualizer.vis_backends.0.type', 'TensorboardVisBackend'),
        ('load_from', 'x.pth'),
        ('train_dataloader.pin_memory', True),
        ('env_cfg.dist_cfg.timeout', 60),
        ('default_hooks.early.type', 'EarlyStoppingHook'),
        ('tta_model.type', 'MyTTAModel'),
        ('tta_pipeline.1.transforms.0.1.rot_range', [0.1, 0.1]),
    ],
)
def test_options_that_are_read(config, key, value):
    merge_options(config, {key: value})
    node = config
    for part in key.split('.'):
        node = node[int(part)] if part.isdigit() else node[part]
    assert node == value


@pytest.mark.parametrize(
    'key, says',
    [
        ('train_dataloader.batch_sise', 'batch_sise'),
        ('trian_dataloader.batch_size', 'no key of a runner'),
        ('runner_type', 'no key of a runner'),
        ('env_cfg.cudnn', 'cudnn'),
        ('data_root', 'variable of the config file'),
        ('visualizer.vis_backends.3.type', 'no index of a list of 1'),
        ('train_dataloader.batch_size.x', "'x'"),
    ],
)
def test_options_that_nothing_reads(config, key, says):
    with pytest.raises(KeyError, match=says):
        merge_options(config, {key: 1})


def test_an_item_of_a_list_is_found_by_its_type():
    steps = [dict(type='A', size=1), dict(type='B', size=2), dict(type='B', size=3)]
    config = Config(dict(train_dataloader=dict(dataset=dict(type='D', pipeline=steps))))
    merge_options(config, {'train_dataloader.dataset.pipeline.A.size': 7})
    assert [step.size for step in config.train_dataloader.dataset.pipeline] == [7, 2, 3]
    with pytest.raises(KeyError, match='2 items have the type B'):
        merge_options(config, {'train_dataloader.dataset.pipeline.B.size': 7})
    with pytest.raises(KeyError, match='C is no index of a list of 3, and no type in it'):
        merge_options(config, {'train_dataloader.dataset.pipeline.C.size': 7})


@pytest.mark.parametrize(
    'wrong, meant',
    [
        (dict(optim_wraper={}), 'optim_wrapper'),
        (dict(randomnes={}), 'randomness'),
        (dict(train_dataloder={}), 'train_dataloader'),
        (dict(env_cfg=dict(cudnn_bench=True)), 'cudnn_benchmark'),
    ],
)
def test_misspelt_names_in_a_file(config, wrong, meant):
    check_names(config)
    config.merge_from_dict(wrong)
    with pytest.raises(KeyError, match=meant):
        check_names(config)


def test_variables_of_a_config_file_are_its_own(config):
    config.merge_from_dict(
        dict(
            train_pipeline=[],
            test_pipeline=[],
            tta_pipeline=[],
            tta_model={},
            class_names=[],
            point_cloud_range=[],
            vis_backends=[],
            backend_args=None,
            num_classes=3,
        )
    )
    check_names(config)
