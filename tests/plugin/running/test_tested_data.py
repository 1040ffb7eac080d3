"""The test set of a config, and the voxels that its pipeline makes."""

import pytest
from mmengine.config import Config

from stslidr.core.voxels import VoxelGrid
from stslidr.errors import InputError
from stslidr.running.tested_data import check_test_set
from stslidr.running.tested_data import tested_grids as grids_of


def config_of(pipeline):
    return Config(dict(test_dataloader=dict(dataset=dict(type='D', pipeline=pipeline))))


@pytest.mark.parametrize('content', [{}, dict(test_dataloader=None), dict(test_dataloader={})])
def test_a_config_without_a_test_set_is_refused(content):
    for check in (check_test_set, grids_of):
        with pytest.raises(InputError, match='has no test_dataloader: there is nothing to test on'):
            check(Config(content))


def test_a_test_set_passes():
    check_test_set(config_of([]))
    assert grids_of(config_of([dict(type='LoadSweep')])) == []


def test_all_grids_of_the_pipeline_in_order_those_within_other_steps_too():
    first = dict(type='VoxelizeSweep', kind='cartesian', size=[0.1, 0.2, 0.3])
    second = dict(type='VoxelizeSweep')
    inner = dict(type='TestTimeAug', transforms=[[dict(type='Turn')], [first]])
    expected = [VoxelGrid('cartesian', (0.1, 0.2, 0.3)), VoxelGrid()]
    assert grids_of(config_of([dict(type='Load'), inner, second])) == expected


def test_a_grid_that_is_none_is_refused():
    with pytest.raises(InputError):
        grids_of(config_of([dict(type='VoxelizeSweep', kind='round')]))
