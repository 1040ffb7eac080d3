"""Superpixel generators: SLIC against scikit-image 0.18.2 itself, the grid by its definition."""

from __future__ import annotations

import json
import math
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage
from skimage.color import rgb2lab
from skimage.segmentation import slic
from skimage.segmentation._slic import _enforce_label_connectivity_cython, _slic_cython
from skimage.util import img_as_float, regular_grid

from stslidr.errors import InputError, UserError
from stslidr.preparation.superpixel_methods import METHODS, Grid, Slic, build_generator

REFERENCE = Path(__file__).parents[2] / 'fixtures' / 'superpixels' / 'slic_0_18_2.npz'
ROUNDING = 1e-3
"""Share of pixels that may differ: another CPU may round the conversion to Lab otherwise."""


def stock_slic(image):
    """The installed scikit-image, called as the published code calls it."""
    return slic(image, n_segments=150, compactness=6, sigma=3, start_label=0)


def old_slic(image, n_segments, compactness, sigma):
    """What 0.18.2 did: no rescaling, Lab, smoothing, clustering, connectivity."""
    lab = rgb2lab(img_as_float(image)[np.newaxis])
    grid = regular_grid(lab.shape[:3], n_segments)
    centroids = np.stack([axis[grid].ravel() for axis in np.indices(lab.shape[:3])], axis=1)
    step = max(float(axis.step or 1) for axis in grid)
    lab = ndimage.gaussian_filter(lab, [sigma, sigma, sigma, 0])
    segments = np.hstack([centroids.astype(float), np.zeros((len(centroids), 3))])
    labels = _slic_cython(
        np.ascontiguousarray(lab / compactness),
        None,
        segments,
        step,
        10,
        np.ones(3),
        False,
        ignore_color=False,
        start_label=0,
    )
    size = image.shape[0] * image.shape[1] / len(centroids)
    return _enforce_label_connectivity_cython(
        labels, int(0.5 * size), int(3 * size), start_label=0
    )[0]


@pytest.mark.parametrize('case', ['full_range', 'low_contrast'])
def test_slic_is_that_of_scikit_image_0_18_2(case):
    reference = np.load(REFERENCE)
    image, labels = reference[f'{case}/image'], reference[f'{case}/labels']

    assert np.mean(Slic()(image) != labels) <= ROUNDING
    # Where the image spans 0 to 255 the newer versions' rescaling does nothing, elsewhere much.
    differing = np.mean(stock_slic(image) != labels)
    assert differing <= ROUNDING if case == 'full_range' else differing > 0.5


def test_slic_of_a_real_image_is_that_of_scikit_image_0_18_2(keyframe_root):
    (path,) = (keyframe_root / 'samples' / 'CAM_FRONT').glob('*.jpg')
    counts = np.load(REFERENCE)['keyframe/CAM_FRONT/pixels_of_each_label']
    labels = Slic()(np.asarray(Image.open(path)))
    ours = np.bincount(labels.ravel(), minlength=len(counts))
    assert len(ours) == len(counts)
    assert np.abs(ours - counts).sum() / labels.size <= ROUNDING


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    low=st.integers(0, 200),
    span=st.integers(1, 55),
    height=st.integers(24, 60),
    width=st.integers(24, 60),
    n_segments=st.integers(4, 40),
    compactness=st.sampled_from([0.5, 6.0, 20.0]),
    sigma=st.sampled_from([0.8, 3.0]),
)
def test_slic_equals_the_old_steps_done_by_hand(
    seed, low, span, height, width, n_segments, compactness, sigma
):
    rng = np.random.default_rng(seed)
    image = rng.integers(low, low + span, (height, width, 3), dtype=np.uint8)
    labels = Slic(n_segments, compactness, sigma)(image)
    assert np.mean(labels != old_slic(image, n_segments, compactness, sigma)) <= 0.01


@pytest.mark.parametrize('value', [0, 77, 255])
def test_slic_of_an_image_of_one_colour_has_no_nan_and_ids_from_0(value):
    labels = Slic(n_segments=6)(np.full((40, 60, 3), value, np.uint8))
    assert labels.shape == (40, 60)
    assert np.array_equal(np.unique(labels), np.arange(labels.max() + 1)) and labels.max() > 0


@settings(max_examples=60, deadline=None)
@given(height=st.integers(1, 70), width=st.integers(1, 70), n_segments=st.integers(1, 60))
def test_grid_cells_are_at_most_so_many_rectangles(height, width, n_segments):
    labels = Grid(n_segments)(np.zeros((height, width, 3), np.uint8))
    assert labels.shape == (height, width)
    assert labels.min() == 0 and labels.max() < n_segments
    areas = []
    for label in np.unique(labels):
        rows, columns = np.nonzero(labels == label)
        areas.append(len(rows))
        assert np.ptp(rows) + 1 == len(set(rows)) and np.ptp(columns) + 1 == len(set(columns))
        assert len(rows) == len(set(rows)) * len(set(columns))
    assert sum(areas) == height * width


def test_grid_of_a_nuscenes_image():
    labels = Grid()(np.zeros((900, 1600, 3), np.uint8))
    assert labels.max() + 1 == 9 * 16
    assert np.all(np.bincount(labels.ravel()) == 100 * 100)


@pytest.mark.parametrize('method', METHODS)
def test_generators_serve_the_tool(method):
    generator = METHODS[method](30)
    assert generator.name == method
    assert generator.parameters['n_segments'] == 30
    assert json.loads(json.dumps(generator.parameters)) == generator.parameters
    assert generator.library and generator.library_version
    image = np.random.default_rng(0).integers(0, 256, (30, 50, 3), dtype=np.uint8)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(generator))(image), generator(image))
    with pytest.raises(ValueError, match='at least 1'):
        METHODS[method](0)


def test_defaults_are_the_published_parameters():
    parameters = Slic().parameters
    assert (
        parameters['n_segments'],
        parameters['compactness'],
        parameters['sigma'],
        parameters['start_label'],
    ) == (150, 6.0, 3.0, 0)


def test_a_generator_is_built_with_its_settings():
    assert build_generator('slic', {}) == Slic()
    assert build_generator('slic', {'n_segments': 30, 'compactness': 2}) == Slic(30, 2)
    assert build_generator(
        'stslidr.preparation.superpixel_methods:Grid', {'n_segments': 9}
    ) == Grid(9)


@pytest.mark.parametrize(
    ('method', 'settings', 'message'),
    [
        ('watershed', {}, 'is unknown: choose of slic, grid'),
        ('grid', {'compactness': 2}, "unexpected keyword argument 'compactness'"),
        ('no_such_module:Name', {}, 'there is no module no_such_module'),
        (':Name', {}, 'cannot be imported'),
        ('math:no_such_name', {}, "math has no 'no_such_name'"),
        ('math:', {}, "math has no ''"),
        ('math:pi', {}, 'pi cannot be called'),
        ('math:sqrt', {}, 'missing a required argument'),
        ('fractions:Fraction', {}, 'Fraction has no __call__, library, library_version'),
    ],
)
def test_what_is_no_generator_is_refused(method, settings, message):
    with pytest.raises(UserError, match=message):
        build_generator(method, settings)


@pytest.mark.parametrize('value', ['abc', '', None, 1.5, math.nan, math.inf, True, [1], 1j, -1, 0])
@pytest.mark.parametrize('method', METHODS)
def test_a_number_of_segments_that_is_none_is_refused(method, value):
    with pytest.raises(InputError, match=rf'^superpixel method {method}: n_segments is '):
        build_generator(method, {'n_segments': value})


@pytest.mark.parametrize('value', ['abc', None, math.nan, math.inf, 1e400, True, (1,), -1])
@pytest.mark.parametrize('setting', ['compactness', 'sigma'])
def test_a_setting_of_slic_that_is_no_number_is_refused(setting, value):
    with pytest.raises(InputError, match=rf'superpixel method slic: {setting} is .*must be a'):
        build_generator('slic', {setting: value})


def test_the_least_of_each_setting():
    assert build_generator('slic', {'n_segments': 1, 'compactness': 1e-9, 'sigma': 0})
    with pytest.raises(InputError, match='compactness is 0: it must be a number above 0'):
        build_generator('slic', {'compactness': 0})


OWN = """
class Own:
    name = library = library_version = 'own'
    parameters = {}
    def __init__(self, n_segments=1):
        FAULT
    def __call__(self, image, path=None):
        return image
"""


@pytest.mark.parametrize(
    ('fault', 'says'),
    [
        ('pass', None),
        ('1 / 0', 'cannot be made: ZeroDivisionError'),
        ('self.parameters = {"weights": object()}', 'parameters is .*JSON does not take'),
        ('self.parameters = {"x": float("nan")}', 'parameters is .*JSON does not take'),
        ('self.library = b"own"', 'library is .*JSON does not take'),
    ],
)
def test_a_generator_of_a_users_that_fails_is_named(tmp_path, monkeypatch, fault, says):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / 'users_superpixels.py').write_text(OWN.replace('FAULT', fault))
    monkeypatch.delitem(sys.modules, 'users_superpixels', raising=False)
    method = 'users_superpixels:Own'
    if says is None:
        assert build_generator(method, {'n_segments': 3}).name == 'own'
        return
    with pytest.raises(InputError, match=f'^superpixel method {method}.*{says}'):
        build_generator(method, {})


def test_a_fault_in_a_method_of_ours_goes_through(monkeypatch):
    def broken():
        raise ValueError('too many values to unpack')

    monkeypatch.setitem(METHODS, 'grid', broken)
    with pytest.raises(ValueError, match='too many') as raised:
        build_generator('grid', {})
    assert not isinstance(raised.value, UserError)
