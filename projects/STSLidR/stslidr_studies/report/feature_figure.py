"""The features of a pretrained and of a random backbone, from above and in the images."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stslidr.errors import InputError
from stslidr.inspection.birds_eye import draw_panel
from stslidr.inspection.camera_sheet import DIMMED, draw_points
from stslidr_studies.report import page
from stslidr_studies.report.feature_colours import colour_features
from stslidr_studies.report.models import SweepOutput
from stslidr_studies.report.page import Section
from stslidr_studies.report.pictures import drawing, photograph
from stslidr_studies.report.shown_keyframe import Keyframe

EXTENT = 40.0  # metres
VIEWS = 3
"""Cameras shown: the first ones clockwise, which in nuScenes look ahead."""

INTRODUCTION = (
    'What the backbone has learnt, before any label. Each point has the colour of its features: '
    'their three principal components as red, green and blue. Each backbone has components of its '
    'own, so compare how colours are spread, not which they are: things of one kind should share a '
    'colour, and things that differ should not.'
)


def draw_section(keyframe: Keyframe, outputs: Mapping[str, SweepOutput]) -> Section:
    """The section on features.

    Args:
        keyframe: that shows the sweep.
        outputs: title of a backbone -> what it makes of the keyframe's sweep.

    Raises:
        InputError: if the sweep has another number of points than the keyframe's.
    """
    above, blocks = [], []
    for title, output in outputs.items():
        if len(output.points) != len(keyframe.points):
            raise InputError(
                f'{keyframe.sweep}: {len(output.points)} points with features, '
                f'{len(keyframe.points)} in the keyframe'
            )
        colours, explained = colour_features(output.features)
        picture = drawing(
            draw_panel(keyframe.points, colours, EXTENT),
            f'features of {title} as colours, from above',
        )
        channels = output.features.shape[1]
        above.append(
            page.figure(
                picture,
                f'{title}: three components hold {explained:.0%} of the '
                f'variance of {channels} features',
            )
        )
        blocks += [
            page.heading(f'In the images: {title}'),
            page.grid(_images(keyframe, colours, title), 3),
        ]
    return Section(
        'features',
        'Point features as colours',
        [
            page.paragraph(INTRODUCTION),
            page.grid(above, 2),
            page.paragraph(
                f'From above, {2 * EXTENT:g} m across, the sensor at the cross; rings every 20 m.',
                soft=True,
            ),
            *blocks,
        ],
    )


def _images(keyframe: Keyframe, colours: np.ndarray, title: str) -> list[str]:
    figures = []
    for view in keyframe.views[:VIEWS]:
        dimmed = (view.image * DIMMED).astype(np.uint8)
        image = draw_points(dimmed, view.pixels, colours[view.points])
        alt = f'{view.name}, paired points coloured by features of {title}'
        figures.append(page.figure(photograph(image, alt), view.name))
    return figures
