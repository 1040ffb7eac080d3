"""The tables that are the same for any scenes: classes, attributes, visibility, sensors, splits."""

from __future__ import annotations

from stslidr_city.catalog.categories import CATEGORIES
from stslidr_city.dataset.layout import Tokens, scene_name
from stslidr_city.dataset.writing import Row
from stslidr_city.recording.rig import CHANNELS, LIDAR

ATTRIBUTES = {
    'vehicle.moving': 'The vehicle moves.',
    'vehicle.stopped': 'The vehicle stands, with a driver who means to go on.',
    'vehicle.parked': 'The vehicle stands and is left there.',
    'cycle.with_rider': 'Somebody rides the bicycle or motorcycle.',
    'cycle.without_rider': 'Nobody rides the bicycle or motorcycle.',
    'pedestrian.sitting_lying_down': 'The person sits or lies.',
    'pedestrian.standing': 'The person stands.',
    'pedestrian.moving': 'The person moves.',
}
VISIBILITY_LEVELS = ((0, 40), (40, 60), (60, 80), (80, 100))
"""Percent of an object that the six images show, from and to, of levels 1 to 4."""
TRAIN_SPLIT, VAL_SPLIT = 'synthetic_train', 'synthetic_val'
"""Names that the devkit does not answer from its own lists."""
VAL_EVERY = 5
HELD_OUT = (4, 1, 3, 0, 2)
"""Which of five scenes in a row is for validation, of the first five, the next five, ..."""


def fixed_tables(tokens: Tokens) -> dict[str, list[Row]]:
    """Table name -> rows."""
    return {
        'category': [
            {
                'token': tokens.of('category', category.name),
                'name': category.name,
                'description': category.description,
                'index': index,
            }
            for index, category in enumerate(CATEGORIES)
        ],
        'attribute': [
            {'token': tokens.of('attribute', name), 'name': name, 'description': description}
            for name, description in ATTRIBUTES.items()
        ],
        'visibility': [
            {
                'token': str(level),
                'level': f'v{low}-{high}',
                'description': f'{low} to {high} % of the object are visible in the six images',
            }
            for level, (low, high) in enumerate(VISIBILITY_LEVELS, start=1)
        ],
        'sensor': [
            {
                'token': tokens.of('sensor', channel),
                'channel': channel,
                'modality': 'lidar' if channel == LIDAR else 'camera',
            }
            for channel in CHANNELS
        ],
    }


def visibility_token(fraction: float) -> str:
    """Token of the visibility level of an object of which a fraction (0 to 1) is visible."""
    return str(1 + sum(100 * fraction >= low for low, _ in VISIBILITY_LEVELS[1:]))


def splits(scenes: int) -> dict[str, list[str]]:
    """Split name -> scene names, for `splits.json`.

    One of every five scenes in a row is for validation, of two to four scenes the last. Which of
    the five it is changes from five to five: what comes back every fifth scene, as rare objects
    may, is then not always in the same split. A single scene is for training, and there is no
    other split.
    """
    held_out = {
        start + HELD_OUT[turn % len(HELD_OUT)]
        for turn, start in enumerate(range(0, scenes, VAL_EVERY))
    }
    held_out &= set(range(scenes))
    if not held_out and scenes > 1:
        held_out = {scenes - 1}
    by_split = {TRAIN_SPLIT: set(range(scenes)) - held_out, VAL_SPLIT: held_out}
    return {
        split: [scene_name(scene) for scene in sorted(members)]
        for split, members in by_split.items()
        if members
    }
