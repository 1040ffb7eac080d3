"""The demo's configs are the published methods in small: the same components, other sizes."""

from pathlib import Path

import pytest
from mmengine.config import Config

from stslidr.running.options import READ_KEYS, check_names

CONFIGS = Path(__file__).resolve().parents[2] / 'configs'
PUBLISHED = {
    'demo_slidr': 'slidr_dino',
    'demo_stslidr': 'stslidr_dino',
    'demo_ppkt': 'ppkt_moco',
    'demo_stslidr_nobalance': 'stslidr_moco_nobalance',
    'demo_linear_probe': 'linear_probe_nuscenes',
    **{
        f'demo_{kind}_{share}pct': f'{kind}_1pct_nuscenes'
        for kind in ('finetune', 'scratch')
        for share in (1, 10, 100)
    },
}
PRETRAINING = [name for name in PUBLISHED if 'slidr' in name or 'ppkt' in name]
DOWNSTREAM = [name for name in PUBLISHED if name not in PRETRAINING]


def load(name):
    return Config.fromfile(CONFIGS / f'{name}.py', import_custom_modules=False)


def types(node):
    """Types of all components in a config, by their place."""
    if isinstance(node, dict):
        own = {'': node['type']} if 'type' in node else {}
        items = node.items()
    elif isinstance(node, list | tuple):
        own, items = {}, enumerate(node)
    else:
        return {}
    return own | {
        f'{key}.{place}': kind for key, value in items for place, kind in types(value).items()
    }


def test_every_demo_config_is_compared():
    assert {path.stem for path in CONFIGS.glob('demo_*.py')} == PUBLISHED.keys()


@pytest.mark.parametrize('name', PUBLISHED)
def test_components_are_the_published_ones(name):
    small, published = load(name), load(PUBLISHED[name])
    for key in (
        'model',
        'train_dataloader',
        'val_dataloader',
        'test_dataloader',
        'val_evaluator',
        'custom_hooks',
        'train_cfg',
    ):
        expected = types(published.get(key, []))
        if key == 'model' and name in PRETRAINING:
            assert expected['image_encoder.'] == 'FrozenResNet50'
            expected['image_encoder.'] = 'FrozenSmallResNet'
        assert types(small.get(key, [])) == expected, key
    criterion = small.model.get('criterion')
    assert criterion == published.model.get('criterion')
    assert small.model.get('frozen_backbone') == published.model.get('frozen_backbone')


@pytest.mark.parametrize('name', PRETRAINING)
def test_transforms_differ_in_the_size_of_images_alone(name):
    small, published = load(name), load(PUBLISHED[name])
    for loader in ('train_dataloader', 'val_dataloader'):
        pairs = zip(small[loader].dataset.pipeline, published[loader].dataset.pipeline, strict=True)
        for step, other in pairs:
            if step['type'] in ('RandomResizedCropImages', 'ResizeImages'):
                assert tuple(step.pop('size')) == (96, 160) and other.pop('size')
            assert step == other


@pytest.mark.parametrize('name', DOWNSTREAM)
def test_sweeps_are_treated_as_published(name):
    small, published = load(name), load(PUBLISHED[name])
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        assert small[loader].dataset.pipeline == published[loader].dataset.pipeline


@pytest.mark.parametrize('share', [1, 10, 100])
def test_scratch_has_the_budget_of_fine_tuning(share):
    scratch, finetune = load(f'demo_scratch_{share}pct'), load(f'demo_finetune_{share}pct')
    assert scratch.train_dataloader == finetune.train_dataloader
    assert scratch.train_dataloader.dataset.label_split == f'{share}pct'
    assert (scratch.train_cfg, scratch.model) == (finetune.train_cfg, finetune.model)


@pytest.mark.parametrize('name', PUBLISHED)
def test_demo_configs_build_print_and_hold_no_dead_key(name):
    from mmdet3d.registry import DATASETS, MODELS

    import stslidr.plugin  # noqa: F401

    config = load(name)
    assert (CONFIGS / f'{name}.py').read_text().count('\n') <= 25, 'a leaf config is a dozen lines'
    check_names(config)
    assert set(config.keys()) - READ_KEYS == set(load(PUBLISHED[name]).keys()) - READ_KEYS
    again = Config.fromstring(config.pretty_text, file_format='.py')
    assert (again.model, again.optim_wrapper) == (config.model, config.optim_wrapper)
    assert config.train_cfg.max_epochs == config.train_cfg.val_interval
    backbone = MODELS.build(config.model).backbone
    assert sum(parameter.numel() for parameter in backbone.parameters()) < 4e6
    assert backbone.out_channels == 96
    for loader in (config.train_dataloader, config.val_dataloader):
        assert loader.dataset.data_root == 'data/synthetic'
        DATASETS.build({**loader.dataset, 'lazy_init': True})


def test_all_small_backbones_are_one():
    (first, *others) = [{**load(name).model.backbone, 'bn_momentum': None} for name in PUBLISHED]
    assert all(other == first for other in others)
