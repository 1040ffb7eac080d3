"""Keyframes, sweeps and outputs to draw, made up; and what of HTML tests look at."""

from __future__ import annotations

import base64
import io
import re
from html import unescape
from typing import NamedTuple

import numpy as np
from PIL import Image

from stslidr_studies.report.labelled_sweep import LabelledSweep
from stslidr_studies.report.models import SweepOutput
from stslidr_studies.report.page import Section
from stslidr_studies.report.pictures import Picture, photograph
from stslidr_studies.report.shown_keyframe import Keyframe, View

NUM_POINTS = 60
NUM_SUPERPIXELS = 6
HEIGHT, WIDTH = 24, 40
CLASSES = ('car', 'bus', 'road')
PALETTE = np.array([(250, 10, 10), (10, 250, 10), (10, 10, 250)], dtype=np.uint8)


def make_view(name: str, number: int, rng: np.random.Generator, superpixels: bool = True) -> View:
    """A grey image of 2 x 3 superpixels with paired points at distinct pixels."""
    rows, columns = np.divmod(rng.choice(HEIGHT * WIDTH, 15, replace=False), WIDTH)
    labels = np.arange(HEIGHT)[:, None] * 2 // HEIGHT * 3 + np.arange(WIDTH) * 3 // WIDTH
    return View(
        name,
        number,
        np.full((HEIGHT, WIDTH, 3), 100 + number, dtype=np.uint8),
        labels.astype(np.int32) if superpixels else None,
        np.sort(rng.choice(NUM_POINTS, 15, replace=False)),
        np.stack([rows, columns], axis=1),
    )


def make_keyframe(num_views: int = 4, superpixels: bool = True, seed: int = 0) -> Keyframe:
    """A sweep of `NUM_POINTS` points within 30 m and the images around it."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(-30, 30, (NUM_POINTS, 3)).astype(np.float32)
    views = [make_view(f'CAM_{number}', number, rng, superpixels) for number in range(num_views)]
    slots = NUM_SUPERPIXELS if superpixels else 0
    return Keyframe('token', 'sweep.bin', points, views, {}, slots)


def make_labelled(classes: np.ndarray, scene: str | None = 'scene-1') -> LabelledSweep:
    """A sweep with these classes of its points."""
    return LabelledSweep('sweep.bin', 'token', scene, classes, CLASSES, PALETTE)


def make_output(classes: np.ndarray, features: np.ndarray | None = None) -> SweepOutput:
    """What a segmentor is said to make of a sweep."""
    rng = np.random.default_rng(len(classes))
    points = rng.uniform(-30, 30, (len(classes), 4)).astype(np.float32)
    features = np.zeros((len(classes), 3)) if features is None else features
    return SweepOutput(points, classes, features)


def blank_drawing(figure: object, alt: str) -> Picture:
    """What stands for a graph where it is not looked at: drawing one takes half a second."""
    return photograph(np.zeros((2, 2, 3), dtype=np.uint8), alt)


class Shown(NamedTuple):
    """A picture on a page."""

    alt: str
    caption: str
    pixels: np.ndarray
    """uint8 (H, W, 3)."""


def html_of(section: Section) -> str:
    """All of a section."""
    return ''.join(section.blocks)


def pictures_of(section: Section) -> list[Shown]:
    """The pictures of a section, decoded."""
    found = []
    for block in re.findall(r'<figure>.*?</figure>', html_of(section)):
        data = re.search(r'src="data:image/\w+;base64,([^"]+)"', block)
        alt = re.search(r'alt="([^"]*)"', block)
        caption = re.search(r'<figcaption>(.*?)</figcaption>', block)
        assert data and alt
        image = Image.open(io.BytesIO(base64.b64decode(data[1]))).convert('RGB')
        found.append(
            Shown(unescape(alt[1]), unescape(caption[1]) if caption else '', np.asarray(image))
        )
    return found


def rows_of(html: str) -> list[list[str]]:
    """Cells of all rows of all tables, without tags."""
    rows = (re.findall(r'<t[dh][ >].*?</t[dh]>', row) for row in re.findall(r'<tr.*?</tr>', html))
    return [[unescape(re.sub(r'<[^>]+>', '', cell)) for cell in row] for row in rows]
