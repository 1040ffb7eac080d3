"""PairedPipeline: which orders of transforms are refused when it is built."""

from __future__ import annotations

import itertools

import pytest

from stslidr.datasets.pipeline import PairedPipeline, Phase


def transform(name, phase=None, requires=(), **attributes):
    """A transform that records its name in results['ran']."""

    def call(self, results):
        results['ran'] = [*results.get('ran', []), name]
        return results

    if phase is not None:
        attributes.update(phase=phase, requires=requires)
    return type(name, (), {'__call__': call, **attributes})()


LOAD = transform('Load', Phase.LOAD)
PAIR = transform('Pair', Phase.PAIR)
CROP = transform('Crop', Phase.AUGMENT)
FLIP = transform('Flip', Phase.AUGMENT)
VOXELIZE = transform('Voxelize', Phase.VOXELIZE)
PACK = transform('Pack', Phase.PACK)
FOREIGN = transform('Foreign')


def test_transforms_run_in_the_order_given():
    pipeline = PairedPipeline([LOAD, FOREIGN, LOAD, PAIR, CROP, FLIP, VOXELIZE, PACK])
    ran = ['Load', 'Foreign', 'Load', 'Pair', 'Crop', 'Flip', 'Voxelize', 'Pack']
    assert pipeline({})['ran'] == ran


def test_of_all_orders_only_those_with_rising_phases_are_built():
    allowed = []
    for order in itertools.permutations([LOAD, PAIR, CROP, FLIP, VOXELIZE, PACK]):
        try:
            PairedPipeline(order)
            allowed.append([type(step).__name__ for step in order])
        except ValueError:
            continue
    assert allowed == [
        ['Load', 'Pair', 'Crop', 'Flip', 'Voxelize', 'Pack'],
        ['Load', 'Pair', 'Flip', 'Crop', 'Voxelize', 'Pack'],
    ]


@pytest.mark.parametrize(
    ('order', 'said'),
    [
        ([LOAD, CROP, PAIR, VOXELIZE, PACK], r'Pair \(PAIR\) comes after Crop \(AUGMENT\)'),
        ([PAIR, LOAD, VOXELIZE, PACK], r'Load \(LOAD\) comes after Pair \(PAIR\)'),
        ([PAIR, VOXELIZE, CROP, PACK], r'Crop \(AUGMENT\) comes after Voxelize \(VOXELIZE\)'),
        ([PAIR, VOXELIZE, PACK, FLIP], r'Flip \(AUGMENT\) comes after Pack \(PACK\)'),
        ([PAIR, PAIR, VOXELIZE, PACK], r'Pair after Pair: PAIR happens exactly once'),
        ([PAIR, VOXELIZE, VOXELIZE, PACK], 'VOXELIZE happens exactly once'),
        ([PAIR, VOXELIZE, PACK, PACK], 'PACK happens exactly once'),
        ([LOAD, VOXELIZE, PACK], 'no transform of phase PAIR'),
        ([LOAD, PAIR, PACK], 'no transform of phase VOXELIZE'),
        ([LOAD, PAIR, VOXELIZE], 'no transform of phase PACK'),
        ([], 'no transform of phase PAIR, VOXELIZE, PACK'),
        ([PAIR, FOREIGN, VOXELIZE, PACK], 'Foreign comes after Pair, but does not say'),
        ([PAIR, VOXELIZE, PACK, FOREIGN], 'Foreign comes after Pack, but does not say'),
    ],
)
def test_an_order_that_breaks_pairs_is_refused_and_both_are_named(order, said):
    with pytest.raises(ValueError, match=said):
        PairedPipeline(order)


@pytest.mark.parametrize('name', ['GlobalRotScaleTrans', 'RandomFlip3D'])
def test_mmdet3d_sweep_augmentations_are_known(name):
    known = transform(name, sync_2d=False)
    PairedPipeline([PAIR, known, VOXELIZE, PACK])
    with pytest.raises(ValueError, match=rf'Pair \(PAIR\) comes after {name} \(AUGMENT\)'):
        PairedPipeline([known, PAIR, VOXELIZE, PACK])
    with pytest.raises(ValueError, match=rf'{name} \(AUGMENT\) comes after Voxelize'):
        PairedPipeline([PAIR, VOXELIZE, known, PACK])


def test_a_sweep_flip_tied_to_the_images_is_refused():
    with pytest.raises(ValueError, match='set sync_2d=False'):
        PairedPipeline([PAIR, transform('RandomFlip3D', sync_2d=True), VOXELIZE, PACK])


def test_a_missing_result_is_named_with_the_transform_that_needs_it():
    needy = transform('Needy', Phase.PAIR, requires=('points', 'image_sizes'))
    pipeline = PairedPipeline([LOAD, needy, VOXELIZE, PACK])
    with pytest.raises(ValueError, match=r'Needy needs image_sizes, which .*: points, ran'):
        pipeline({'points': [1]})
