"""Class names, annotated classes and attributes against the devkit's own lists."""

from __future__ import annotations

import pytest
from nuscenes.eval.detection.constants import ATTRIBUTE_NAMES
from nuscenes.eval.detection.utils import (
    category_to_detection_name,
    detection_name_to_rel_attributes,
)
from nuscenes.utils.color_map import get_colormap

from stslidr_city.catalog import categories
from stslidr_city.catalog.annotated import ANNOTATED, ATTRIBUTES, attribute_choice
from stslidr_city.catalog.categories import CATEGORIES

LAST_WORDS = {  # of names, where a constant is called otherwise
    'trafficcone': 'TRAFFIC_CONE',
    'bendy': 'BUS_BENDY',
    'rigid': 'BUS_RIGID',
    'construction': 'CONSTRUCTION_VEHICLE',
    'police': 'POLICE_CAR',
    'ego': 'EGO_VEHICLE',
}
FLAT_OR_STATIC = {'flat.other': 'OTHER_FLAT', 'static.other': 'OTHER_STATIC'}


def test_names_and_indices_are_those_of_the_devkit():
    """The devkit's colour map lists the classes of lidarseg in the order of their indices."""
    assert [category.name for category in CATEGORIES] == list(get_colormap())


def test_each_constant_is_the_index_of_its_name():
    for index, (name, _) in enumerate(CATEGORIES):
        word = name.split('.')[-1]
        constant = FLAT_OR_STATIC.get(name) or LAST_WORDS.get(word) or word.upper()
        assert getattr(categories, constant) == index, name


def test_every_class_has_a_description_of_its_own():
    texts = [category.description for category in CATEGORIES]
    assert len(set(texts)) == 32 and all(text.endswith('.') for text in texts)


def test_things_get_boxes_and_stuff_does_not():
    names = [CATEGORIES[index].name for index in ANNOTATED]
    stuff = ('flat', 'static.', 'noise', 'vehicle.ego')
    assert names == [name for name in get_colormap() if not name.startswith(stuff)]
    assert len(names) == 23
    for index in set(range(32)) - set(ANNOTATED):
        with pytest.raises(ValueError, match='no box'):
            attribute_choice(index)


def test_attributes_are_the_devkits():
    assert sorted(ATTRIBUTES) == sorted(ATTRIBUTE_NAMES)


@pytest.mark.parametrize('index', ANNOTATED)
def test_attributes_suit_the_devkits_detection_class(index):
    """Where the detection task knows a class, it says which attributes its boxes may bear."""
    standing, moving = attribute_choice(index)
    choice = {*standing, moving} - {''}
    assert choice <= set(ATTRIBUTES)
    detection_name = category_to_detection_name(CATEGORIES[index].name)
    if detection_name is not None:
        assert choice == set(detection_name_to_rel_attributes(detection_name))
