"""A keyframe's images with the borders of superpixels and the points paired with them."""

from __future__ import annotations

import numpy as np

from stslidr.inspection.camera_sheet import FAR, distance_colours, draw_borders, draw_points
from stslidr_studies.report import page
from stslidr_studies.report.page import Section
from stslidr_studies.report.pictures import photograph
from stslidr_studies.report.shown_keyframe import Keyframe

POINT_WIDTH = 1 / 400
"""Side of a point in widths of an image: borders must show between points."""

INTRODUCTION = (
    'What pretraining compares. White lines bound the superpixels of each image; each dot is a '
    'LiDAR point, put where the calibration says that this camera sees it. The points inside one '
    'superpixel are pooled, its pixels are pooled, and the two are pulled together. No label is '
    'read.'
)


def draw_section(keyframe: Keyframe) -> Section:
    """The section on superpixels and pairs.

    Args:
        keyframe: with superpixels.
    """
    colours = distance_colours(keyframe.points)
    figures = []
    for view in keyframe.views:
        image = draw_points(
            draw_borders(view.image, view.label_map), view.pixels, colours[view.points], POINT_WIDTH
        )
        seen = len(np.unique(view.pair_superpixels))
        caption = f'{view.name}: {len(view.points):,} paired points in {seen} superpixels'
        picture = photograph(
            image,
            f'{view.name} with superpixel borders and paired points, red near by and blue far away',
        )
        figures.append(page.figure(picture, caption))
    return Section(
        'pairs',
        'Superpixels and paired points',
        [
            page.paragraph(INTRODUCTION),
            page.grid(figures, 3),
            page.paragraph(f'Dots are red near the sensor and blue from {FAR:g} m on.', soft=True),
        ],
    )
