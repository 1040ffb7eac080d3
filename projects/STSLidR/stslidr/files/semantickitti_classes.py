"""SemanticKITTI's label ids and the 19 classes of its single-scan benchmark.

Ids, classes and colours are those of `config/semantic-kitti.yaml` in PRBonn/semantic-kitti-api, in
which a moving object has the class of a standing one. Classes are counted from 0 here, as
MMDetection3D does; there they are 1 to 19, and 0 is ignored.
"""

from __future__ import annotations

CLASS_NAMES = (
    'car',
    'bicycle',
    'motorcycle',
    'truck',
    'other-vehicle',
    'person',
    'bicyclist',
    'motorcyclist',
    'road',
    'parking',
    'sidewalk',
    'other-ground',
    'building',
    'fence',
    'vegetation',
    'trunk',
    'terrain',
    'pole',
    'traffic-sign',
)
IGNORED = len(CLASS_NAMES)
"""The class of points that are left out of losses and scores."""

RAW_NAMES = {
    0: 'unlabeled',
    1: 'outlier',
    10: 'car',
    11: 'bicycle',
    13: 'bus',
    15: 'motorcycle',
    16: 'on-rails',
    18: 'truck',
    20: 'other-vehicle',
    30: 'person',
    31: 'bicyclist',
    32: 'motorcyclist',
    40: 'road',
    44: 'parking',
    48: 'sidewalk',
    49: 'other-ground',
    50: 'building',
    51: 'fence',
    52: 'other-structure',
    60: 'lane-marking',
    70: 'vegetation',
    71: 'trunk',
    72: 'terrain',
    80: 'pole',
    81: 'traffic-sign',
    99: 'other-object',
    252: 'moving-car',
    253: 'moving-bicyclist',
    254: 'moving-person',
    255: 'moving-motorcyclist',
    256: 'moving-on-rails',
    257: 'moving-bus',
    258: 'moving-truck',
    259: 'moving-other-vehicle',
}
"""Raw id, the lower 16 bits of a label -> its name, for all 34."""

_FOLDED = {  # raw name -> class name, where the two differ
    'bus': 'other-vehicle',
    'on-rails': 'other-vehicle',
    'lane-marking': 'road',
    'moving-on-rails': 'other-vehicle',
    'moving-bus': 'other-vehicle',
}
_CLASS_INDEX = {name: index for index, name in enumerate(CLASS_NAMES)}

CLASS_OF_RAW = {
    raw: _CLASS_INDEX.get(_FOLDED.get(name, name.removeprefix('moving-')), IGNORED)
    for raw, name in RAW_NAMES.items()
}
"""Raw id -> class, 0 to 18, or 19 for the four that are ignored."""

RAW_OF_CLASS = tuple(
    next(raw for raw, name in RAW_NAMES.items() if name == class_name) for class_name in CLASS_NAMES
)
"""Class -> the raw id that stands for it in a submission to the benchmark."""

PALETTE = (
    (100, 150, 245),
    (100, 230, 245),
    (30, 60, 150),
    (80, 30, 180),
    (0, 0, 255),
    (255, 30, 30),
    (255, 40, 200),
    (150, 30, 90),
    (255, 0, 255),
    (255, 150, 255),
    (75, 0, 75),
    (175, 0, 75),
    (255, 200, 0),
    (255, 120, 50),
    (0, 175, 0),
    (135, 60, 0),
    (150, 240, 80),
    (255, 240, 150),
    (255, 0, 0),
)
"""Colour of each class, RGB; `semantic-kitti.yaml` writes BGR."""
