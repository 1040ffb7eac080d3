"""The one import target registers everything, under either name, once."""

import pytest

from projects.STSLidR.stslidr import plugin as long_name
from stslidr import plugin


def test_both_names_register_once():
    assert plugin is long_name


@pytest.mark.parametrize(
    'registry, component',
    [(registry, c) for registry, components in plugin.COMPONENTS.items() for c in components],
    ids=lambda value: getattr(value, '__name__', getattr(value, 'name', None)),
)
def test_every_component_is_found_by_name(registry, component):
    assert registry.get(component.__name__) is component
    assert registry.scope in ('mmdet3d', 'mmengine')


def test_an_unknown_key_of_a_component_is_an_error():
    from mmdet3d.registry import MODELS, TRANSFORMS

    with pytest.raises(TypeError, match='temprature'):
        MODELS.build(dict(type='TolerantContrastiveLoss', temprature=0.1))
    with pytest.raises(TypeError, match='probability'):
        TRANSFORMS.build(dict(type='RandomFlipImages', probability=0.5))
