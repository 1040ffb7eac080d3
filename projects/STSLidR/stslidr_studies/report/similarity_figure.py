"""One superpixel's similarity to all others of a keyframe, as a heat map over its images."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from scipy.ndimage import binary_dilation, binary_erosion

from stslidr_studies.report import page
from stslidr_studies.report.labelled_sweep import LabelledSweep
from stslidr_studies.report.page import Section
from stslidr_studies.report.pictures import Picture, photograph
from stslidr_studies.report.shown_keyframe import Keyframe, View
from stslidr_studies.report.similarity import Similarities, choose_superpixel

COLOURS = colormaps['inferno']
LOWEST_PERCENTILE = 2.0
"""Of the cosines: what the darkest colour stands for; the brightest stands for 1."""
PHOTO, HEAT = 0.4, 0.6
"""Shares of the grey photograph and of the heat map in a pixel."""
OUTLINE = (0, 230, 255)
BAR_SIZE = (12, 256)

INTRODUCTION = (
    'What makes the loss tolerant. Each superpixel is coloured by the cosine similarity of its '
    'frozen image features to those of one superpixel, outlined in light blue. SLidR pushes all '
    'others away from it alike; ST-SLidR spares the most similar ones. The superpixel was chosen '
    'without labels: among those of fair size, the one whose similarities spread most.'
)


def draw_section(
    keyframe: Keyframe, similarities: Similarities, labelled: LabelledSweep | None
) -> Section:
    """The section on similarities.

    Args:
        keyframe: with superpixels.
        similarities: of its superpixels.
        labelled: the same sweep with labels, for the words below the pictures alone; None where
            the keyframe has none.
    """
    chosen = choose_superpixel(similarities)
    image, label = divmod(chosen, similarities.num_superpixels)
    low = float(np.nanpercentile(similarities.cosines[chosen], LOWEST_PERCENTILE))
    figures, place = [], ''
    for view in keyframe.views:
        heat = overlay(view, similarities.of_image(chosen, view.number), low)
        if view.number == image:
            heat, place = outline(heat, view.label_map == label), view.name
        picture = photograph(
            heat, f'{view.name}, superpixels coloured by their similarity to the chosen one'
        )
        figures.append(page.figure(picture, view.name))
    words = f'The chosen one is superpixel {label} of {place}. '
    if labelled is not None:
        words += describe_by_class(keyframe, similarities, chosen, labelled)
    return Section(
        'similarity',
        'Similarity of one superpixel to all others',
        [
            page.paragraph(INTRODUCTION),
            page.grid(figures, 3),
            page.colour_scale(
                _bar(),
                [f'{low:.2f} and below', f'{(low + 1) / 2:.2f}', '1.00'],
                'cosine similarity of frozen features; grey: not compared',
            ),
            page.paragraph(words, soft=True),
        ],
    )


def overlay(view: View, values: np.ndarray, low: float) -> np.ndarray:
    """Lay a heat map over an image.

    Args:
        view: the image and its superpixels.
        values: float (S,), of each superpixel; NaN leaves it grey.
        low: value of the darkest colour.

    Returns:
        uint8 (H, W, 3).
    """
    span = max(1 - low, 1e-6)
    colours = COLOURS(np.clip((np.nan_to_num(values, nan=low) - low) / span, 0, 1))[:, :3] * 255
    grey = np.repeat(view.image.mean(axis=2, keepdims=True), 3, axis=2)
    mixed = PHOTO * grey + HEAT * colours[view.superpixels]
    known = ~np.isnan(values)[view.superpixels]
    return np.where(known[..., None], mixed, grey).astype(np.uint8)


def outline(image: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Draw the border of a region, bool (H, W), two pixels to either side."""
    square = np.ones((3, 3), dtype=bool)
    border = binary_dilation(inside, square, iterations=2) & ~binary_erosion(
        inside, square, iterations=2
    )
    return np.where(border[..., None], np.array(OUTLINE, dtype=np.uint8), image)


def describe_by_class(
    keyframe: Keyframe, similarities: Similarities, chosen: int, labelled: LabelledSweep
) -> str:
    """How similar superpixels are that show the same class as the chosen one, and the others."""
    votes = np.zeros((len(similarities.cosines), len(labelled.names)), dtype=np.int64)
    for view in keyframe.views:
        known = labelled.known[view.points]
        slots = view.number * similarities.num_superpixels + view.pair_superpixels[known]
        np.add.at(votes, (slots, labelled.classes[view.points[known]]), 1)
    if not votes[chosen].any():
        return ''
    main = votes.argmax(axis=1)
    row = similarities.cosines[chosen]
    counted = votes.any(axis=1) & ~np.isnan(row)
    counted[chosen] = False
    same, other = (row[counted & (main == main[chosen])], row[counted & (main != main[chosen])])
    name = labelled.names[main[chosen]]
    words = f'By the labels, which chose nothing here, most of its points are {name}. '
    if len(same) and len(other):
        words += (
            f'Its mean similarity to the {len(same)} other superpixels of that class is '
            f'{same.mean():.2f}, to the {len(other)} of other classes {other.mean():.2f}.'
        )
    return words


def _bar() -> Picture:
    height, width = BAR_SIZE
    colours = COLOURS(np.linspace(0, 1, width))[:, :3] * 255 * HEAT + 255 * PHOTO * 0.4
    image = np.tile(colours.astype(np.uint8), (height, 1, 1))
    return photograph(image, 'colour bar from the least to the most similar')
