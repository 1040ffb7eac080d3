"""A head of another number of logits than the data have classes is refused before training."""

import pytest
from mmengine.config import Config

import stslidr.plugin  # noqa: F401
from stslidr.datasets.labelled_datasets import LidarSegNuScenesDataset
from stslidr.errors import InputError
from stslidr.running.class_count import LOADERS, check_class_count
from stslidr.segmentation.head import LinearSegHead


def config_of(num_classes, kind='LidarSegNuScenesDataset', loader='train_dataloader', **dataset):
    loaders = {loader: dict(dataset=dict(type=kind, **dataset))}
    return Config(
        dict(model=dict(decode_head=dict(type='LinearSegHead', num_classes=num_classes)), **loaders)
    )


def test_as_many_as_there_are_classes():
    check_class_count(config_of(16))
    check_class_count(config_of(19, 'LidarSegKittiDataset'))
    check_class_count(config_of(19, 'LabelledSweepDataset', record='semantickitti'))


@pytest.mark.parametrize('loader', LOADERS)
@pytest.mark.parametrize('count', [4, 15, 17, 19])
def test_another_number_is_named(loader, count):
    with pytest.raises(
        InputError, match=rf"num_classes is {count}, but 'nuscenes', .*{loader}.* 16"
    ):
        check_class_count(config_of(count, loader=loader))


def test_classes_in_place_of_names():
    config = config_of(4, LidarSegNuScenesDataset)
    config.model.decode_head.type = LinearSegHead
    with pytest.raises(InputError, match='num_classes is 4'):
        check_class_count(config)
    config.model.decode_head.num_classes = 16
    check_class_count(config)


@pytest.mark.parametrize('head', [dict(type='Cylinder3DHead', num_classes=20), [dict()], None])
def test_heads_of_others_are_not_judged(head):
    config = config_of(16)
    config.model.decode_head = head
    check_class_count(config)


@pytest.mark.parametrize('kind', ['CameraLidarDataset', 'NoSuchDataset', 'Seg3DDataset'])
def test_data_without_a_record_are_not_judged(kind):
    check_class_count(config_of(3, kind))


def test_models_without_such_a_head_pass():
    check_class_count(Config(dict(model=dict(type='SuperpixelPretrainer'))))
    check_class_count(Config(dict(train_dataloader=None)))
