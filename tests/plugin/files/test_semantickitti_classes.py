"""Every raw id, name and colour against the benchmark's own semantic-kitti.yaml."""

from stslidr.files.semantickitti_classes import (
    CLASS_NAMES,
    CLASS_OF_RAW,
    IGNORED,
    PALETTE,
    RAW_NAMES,
    RAW_OF_CLASS,
)

# learning_map, learning_map_inv and color_map (BGR) of PRBonn/semantic-kitti-api
LEARNING_MAP = {
    0: 0,
    1: 0,
    10: 1,
    11: 2,
    13: 5,
    15: 3,
    16: 5,
    18: 4,
    20: 5,
    30: 6,
    31: 7,
    32: 8,
    40: 9,
    44: 10,
    48: 11,
    49: 12,
    50: 13,
    51: 14,
    52: 0,
    60: 9,
    70: 15,
    71: 16,
    72: 17,
    80: 18,
    81: 19,
    99: 0,
    252: 1,
    253: 7,
    254: 6,
    255: 8,
    256: 5,
    257: 5,
    258: 4,
    259: 5,
}
LEARNING_MAP_INV = {
    1: 10,
    2: 11,
    3: 15,
    4: 18,
    5: 20,
    6: 30,
    7: 31,
    8: 32,
    9: 40,
    10: 44,
    11: 48,
    12: 49,
    13: 50,
    14: 51,
    15: 70,
    16: 71,
    17: 72,
    18: 80,
    19: 81,
}
COLOR_MAP = {
    10: [245, 150, 100],
    11: [245, 230, 100],
    15: [150, 60, 30],
    18: [180, 30, 80],
    20: [255, 0, 0],
    30: [30, 30, 255],
    31: [200, 40, 255],
    32: [90, 30, 150],
    40: [255, 0, 255],
    44: [255, 150, 255],
    48: [75, 0, 75],
    49: [75, 0, 175],
    50: [0, 200, 255],
    51: [50, 120, 255],
    70: [0, 175, 0],
    71: [0, 60, 135],
    72: [80, 240, 150],
    80: [150, 240, 255],
    81: [0, 0, 255],
}


def test_every_raw_id_has_the_class_of_the_benchmark():
    assert len(LEARNING_MAP) == 34
    assert IGNORED == len(CLASS_NAMES) == 19
    assert {raw: (index + 1) % 20 for raw, index in CLASS_OF_RAW.items()} == LEARNING_MAP


def test_submissions_have_the_raw_ids_of_the_benchmark():
    assert dict(enumerate(RAW_OF_CLASS, start=1)) == LEARNING_MAP_INV
    assert [CLASS_OF_RAW[raw] for raw in RAW_OF_CLASS] == list(range(19))


def test_names():
    assert (
        list(CLASS_NAMES)
        == """car bicycle motorcycle truck other-vehicle person bicyclist
        motorcyclist road parking sidewalk other-ground building fence vegetation trunk terrain pole
        traffic-sign""".split()
    )
    assert [RAW_NAMES[raw] for raw in RAW_OF_CLASS] == list(CLASS_NAMES)


def test_colours_are_those_of_the_benchmark():
    assert [list(colour) for colour in PALETTE] == [COLOR_MAP[raw][::-1] for raw in RAW_OF_CLASS]
