"""Curves: what is drawn of the logs."""

import io

import numpy as np
from PIL import Image

from stslidr_studies.report.curves import draw_curves, draw_section
from stslidr_studies.report.training_log import TrainingLog


def log(**curves):
    steps = {}
    for name, values in curves.items():
        for step, value in enumerate(values, 1):
            steps.setdefault(step, {})[name] = value
    return TrainingLog(steps, {})


def test_curves_are_drawn_in_their_colours():
    picture = draw_curves(
        {'one': ([1, 2, 3], [3.0, 2.0, 1.0]), 'two': ([1, 2], [1.0, 2.0])}, 'loss', 'loss over time'
    )
    pixels = np.asarray(Image.open(io.BytesIO(picture.data)).convert('RGB')).reshape(-1, 3)
    for colour in ((11, 110, 153), (209, 73, 91)):
        assert (np.abs(pixels.astype(int) - colour).max(axis=1) <= 3).sum() > 100
    assert picture.alt == 'loss over time'


def test_a_curve_that_nothing_logged_is_left_out():
    pretraining = {'ST-SLidR': log(loss=[3.0, 2.0], top1_matching=[0.1, 0.2])}
    probes = {'ST-SLidR': log(loss=[3.0]), 'Random init': log(loss=[3.5])}
    html = ''.join(draw_section(pretraining, probes).blocks)
    assert html.count('<img') == 3 and 'Lovász' in html
    ppkt = {'PPKT': log(loss=[3.0])}
    assert ''.join(draw_section(ppkt, {'PPKT': log()}).blocks).count('<img') == 1
