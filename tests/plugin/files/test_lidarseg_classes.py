"""Every raw id against nuscenes-devkit's own tables, and against the published list."""

import pytest
from nuscenes.eval.lidarseg.utils import LidarsegClassMapper
from nuscenes.utils.color_map import get_colormap

from stslidr.files.lidarseg_classes import CLASS_NAMES, CLASS_OF_RAW, IGNORED, PALETTE, RAW_NAMES

PUBLISHED = {
    9: 1,
    14: 2,
    15: 3,
    16: 3,
    17: 4,
    18: 5,
    21: 6,
    2: 7,
    3: 7,
    4: 7,
    6: 7,
    12: 8,
    22: 9,
    23: 10,
    24: 11,
    25: 12,
    26: 13,
    27: 14,
    28: 15,
    30: 16,
}
"""Raw id -> class counted from 1, as the published downstream code has it; 0 for all others."""


@pytest.fixture(scope='module')
def mapper():
    """The devkit's mapper; its tables of names need no data set."""
    return object.__new__(LidarsegClassMapper)


def test_every_raw_id_has_the_class_of_the_published_list():
    assert sorted(CLASS_OF_RAW) == list(range(32))
    counted_from_1 = {raw: (index + 1) % (IGNORED + 1) for raw, index in CLASS_OF_RAW.items()}
    assert counted_from_1 == {raw: PUBLISHED.get(raw, 0) for raw in range(32)}


def test_names_are_those_of_the_devkit():
    """Its colour map lists the raw names in the order of their ids."""
    assert list(RAW_NAMES.items()) == list(enumerate(get_colormap()))


def test_classes_are_those_of_the_devkit(mapper):
    mapper.ignore_class = mapper.get_ignore_class()
    class_of_name, index_of_class = mapper.get_fine2coarse(), mapper.get_coarse2idx()
    for raw, name in RAW_NAMES.items():
        theirs = index_of_class[class_of_name[name]]
        assert CLASS_OF_RAW[raw] == (theirs - 1 if theirs else IGNORED), name
    assert [index_of_class[name] for name in CLASS_NAMES] == list(range(1, 17))


def test_colours_are_those_of_the_devkit(mapper):
    mapper.ignore_class = mapper.get_ignore_class()
    colours = mapper.get_coarse2color()
    assert [colours[name] for name in CLASS_NAMES] == list(PALETTE)
