"""Augmentations against the published ones, loops and closed-form cases."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from torch.nn import functional

from stslidr.core.augmentation import (
    crop_image,
    crop_labels,
    crop_pairs,
    draw_crop_box,
    flip_pairs,
    outside_cuboid,
)
from stslidr.core.pairing import PointPixelPairs

AREA, RATIO = (0.3, 1.0), (14 / 9, 17 / 9)


@pytest.fixture(scope='module')
def transforms(published):
    with np.load(published / 'transforms.npz') as arrays:
        return dict(arrays)


def pairs_of(arrays, points_key, images_key):
    images = arrays[images_key]
    return PointPixelPairs(arrays[points_key], images[:, 0], images[:, 1:])


def assert_same_pairs(ours, theirs):
    """Equal as sequences, once both are in the published order: camera by camera."""
    ours = ours.select(np.argsort(ours.images, kind='stable'))
    theirs = theirs.select(np.argsort(theirs.images, kind='stable'))
    for name in ('points', 'images', 'pixels'):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name


def test_cuboid_is_the_published_one(transforms):
    points = transforms['points']
    centre = points[transforms['cuboid/centre_index']]
    kept = outside_cuboid(points, transforms['cuboid/fraction'], centre)
    assert np.array_equal(points[kept], transforms['cuboid/points'])
    pairs = pairs_of(transforms, 'pairing_points', 'pairing_images').keep_points(kept)
    assert_same_pairs(pairs, pairs_of(transforms, 'cuboid/pairing_points', 'cuboid/pairing_images'))


def test_crop_is_the_published_one(transforms):
    boxes, size = transforms['crop/boxes_top_left_h_w'], tuple(transforms['crop/size'].tolist())
    before = pairs_of(transforms, 'pairing_points', 'pairing_images')
    pairs, kept = crop_pairs(before, boxes, size)
    assert_same_pairs(pairs, pairs_of(transforms, 'crop/pairing_points', 'crop/pairing_images'))
    assert np.array_equal(before.points[kept], pairs.points)
    for camera, box in enumerate(boxes):
        image = crop_image(torch.from_numpy(transforms['images'][camera]), box, size)
        assert np.abs(image.numpy() - transforms['crop/images'][camera]).max() < 1e-6
        superpixels = crop_labels(transforms['superpixels'][camera], box, size)
        assert np.array_equal(superpixels, transforms['crop/superpixels'][camera])


def test_flip_is_the_published_one(transforms):
    flipped, width = transforms['flip/flipped'], int(transforms['crop/size'][1])
    before = pairs_of(transforms, 'crop/pairing_points', 'crop/pairing_images')
    assert_same_pairs(
        flip_pairs(before, flipped, width),
        pairs_of(transforms, 'crop/pairing_points', 'flip/pairing_images'),
    )
    mirrored = transforms['crop/images'].copy()
    mirrored[flipped] = mirrored[flipped][..., ::-1]
    assert np.array_equal(mirrored, transforms['flip/images'])


def cube(edge=5):
    return np.stack(np.meshgrid(*[np.arange(float(edge))] * 3), axis=-1).reshape(-1, 3)


def test_cuboid_borders_stay():
    """Extent 4 and fraction 0.5: an edge of 2 about the centre, so only the centre is inside."""
    dropped = cube()[~outside_cuboid(cube(), 0.5, np.array([2.0, 2.0, 2.0]))]
    assert dropped.tolist() == [[2, 2, 2]]
    assert np.sum(~outside_cuboid(cube(), 0.51, np.array([2.0, 2.0, 2.0]))) == 27
    assert outside_cuboid(cube(), 0.0, np.array([2.0, 2.0, 2.0])).all()


def test_cuboid_edges_follow_each_axis_extent():
    cloud = cube() * [10.0, 1.0, 0.1]
    dropped = ~outside_cuboid(cloud, 0.51, np.array([20.0, 2.0, 0.2]))
    assert np.array_equal(dropped, ~outside_cuboid(cube(), 0.51, np.array([2.0, 2.0, 2.0])))


def test_cuboid_of_degenerate_clouds():
    assert outside_cuboid(np.empty((0, 3)), 0.2, np.zeros(3)).shape == (0,)
    assert outside_cuboid(np.ones((4, 3)), 0.2, np.ones(3)).all()  # no extent, nothing inside


@given(st.integers(0, 2**32 - 1), st.integers(0, 50))
@settings(max_examples=50, deadline=None)
def test_cropped_pairs_match_a_loop(seed, count):
    """One pair at a time, with Python's round, which goes half to even too."""
    rng = np.random.default_rng(seed)
    heights, widths = rng.integers(1, 60, size=(2, 3))
    images = rng.integers(0, 3, size=count)
    pixels = np.stack((rng.integers(0, heights[images]), rng.integers(0, widths[images])), axis=1)
    boxes = []
    for height, width in zip(heights, widths, strict=True):
        box_height, box_width = rng.integers(1, height + 1), rng.integers(1, width + 1)
        boxes.append(
            (
                rng.integers(height - box_height + 1),
                rng.integers(width - box_width + 1),
                box_height,
                box_width,
            )
        )
    size = tuple(rng.integers(1, 40, size=2).tolist())
    expected = []
    for index, (image, (row, column)) in enumerate(zip(images, pixels, strict=True)):
        top, left, box_height, box_width = boxes[image]
        row = round((row - top) * (size[0] / box_height))
        column = round((column - left) * (size[1] / box_width))
        if 0 <= row < size[0] and 0 <= column < size[1]:
            expected.append((index, image, row, column))

    pairs, kept = crop_pairs(PointPixelPairs(np.arange(count), images, pixels), boxes, size)
    assert expected == list(zip(pairs.points, pairs.images, *pairs.pixels.T, strict=True))
    assert np.flatnonzero(kept).tolist() == [index for index, *_ in expected]


def test_crop_rounds_half_to_even_and_keeps_what_rounds_into_it():
    """A 4 x 8 box at (2, 2) shrunk to half: offsets 1, 3, 5 land on 0.5, 1.5, 2.5."""
    pixels = np.array([[2, 3], [2, 5], [2, 7], [2, 1], [2, 0], [5, 2], [4, 9], [2, 10]])
    pairs = PointPixelPairs(np.arange(8), np.zeros(8, int), pixels)
    pairs, kept = crop_pairs(pairs, [(2, 2, 4, 8)], (2, 4))
    # Kept although one pixel left of the box: -0.5 rounds to 0. Gone: rows 2 and columns 4.
    assert kept.tolist() == [True, True, True, True, False, False, False, False]
    assert pairs.pixels.tolist() == [[0, 0], [0, 2], [0, 2], [0, 0]]


def test_flip_twice_is_nothing_and_widths_may_differ():
    pairs = PointPixelPairs(
        np.arange(4), np.array([0, 1, 2, 2]), np.array([[3, 0], [3, 0], [3, 0], [4, 8]])
    )
    once = flip_pairs(pairs, [True, False, True], [5, 7, 9])
    assert once.pixels.tolist() == [[3, 4], [3, 0], [3, 8], [4, 0]]
    assert pairs.pixels[0].tolist() == [3, 0]  # the pairs given are left as they were
    assert_same_pairs(flip_pairs(once, [True, False, True], [5, 7, 9]), pairs)


@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 70), st.integers(1, 70))
@settings(max_examples=100, deadline=None)
def test_labels_are_those_of_torchs_nearest(height, width, new_height, new_width):
    labels = torch.arange(height * width).reshape(height, width)
    expected = functional.interpolate(
        labels[None, None].float(), (new_height, new_width), mode='nearest'
    )[0, 0].long()
    box = 0, 0, height, width
    assert torch.equal(crop_labels(labels, box, (new_height, new_width)), expected)
    cropped = crop_labels(labels.numpy().astype(np.int32), box, (new_height, new_width))
    assert cropped.dtype == np.int32 and np.array_equal(cropped, expected)


def bilinear(region, size):
    """Pixel centres at half integers, edges clamped; float64, one output pixel at a time."""
    depth, height, width = region.shape
    resized = np.empty((depth, *size))
    for row in range(size[0]):
        y = min(max((row + 0.5) * height / size[0] - 0.5, 0), height - 1)
        top, below = int(y), min(int(y) + 1, height - 1)
        for column in range(size[1]):
            x = min(max((column + 0.5) * width / size[1] - 0.5, 0), width - 1)
            left, right = int(x), min(int(x) + 1, width - 1)
            upper = region[:, top, left] * (1 - x % 1) + region[:, top, right] * (x % 1)
            lower = region[:, below, left] * (1 - x % 1) + region[:, below, right] * (x % 1)
            resized[:, row, column] = upper * (1 - y % 1) + lower * (y % 1)
    return resized


@pytest.mark.parametrize(
    'box, size',
    [
        ((0, 0, 30, 47), (30, 47)),
        ((3, 5, 20, 33), (7, 13)),
        ((1, 0, 5, 6), (17, 11)),
        ((29, 46, 1, 1), (3, 4)),
    ],
)
def test_images_are_bilinear_without_antialiasing(box, size):
    image = np.random.default_rng(0).random((3, 30, 47), dtype=np.float32)
    top, left, height, width = box
    expected = bilinear(image[:, top : top + height, left : left + width].astype(np.float64), size)
    cropped = crop_image(torch.from_numpy(image), box, size)
    assert cropped.shape == (3, *size)
    assert np.allclose(cropped, expected, rtol=0, atol=2e-6)


def draw_like_torchvision(height, width, area, ratio, generator):
    """`RandomResizedCrop.get_params` written again from its rule, with torch's draws."""

    def uniform(low, high):
        return low + (high - low) * torch.rand((), generator=generator, dtype=torch.float64).item()

    for _ in range(10):
        target = uniform(*area) * height * width
        aspect = math.exp(uniform(*np.log(ratio)))
        w, h = int(round((target * aspect) ** 0.5)), int(round((target / aspect) ** 0.5))
        if w >= 1 and h >= 1 and w <= width and h <= height:
            top = torch.randint(0, height - h + 1, (1,), generator=generator).item()
            return top, torch.randint(0, width - w + 1, (1,), generator=generator).item(), h, w
    if width < min(ratio) * height:
        h, w = int(round(width / min(ratio))), width
    elif width > max(ratio) * height:
        h, w = height, int(round(height * max(ratio)))
    else:
        h, w = height, width
    return (height - h) // 2, (width - w) // 2, h, w


@pytest.mark.parametrize('height, width', [(900, 1600), (370, 1224), (640, 480)])
def test_drawn_boxes_are_distributed_as_torchvisions(height, width):
    """Kolmogorov-Smirnov on places, sizes, area and ratio; draws are fixed, so is the verdict."""
    np.random.seed(0)
    generator = torch.Generator().manual_seed(1)
    ours = np.array([draw_crop_box(height, width, AREA, RATIO) for _ in range(4000)])
    theirs = np.array(
        [draw_like_torchvision(height, width, AREA, RATIO, generator) for _ in range(4000)]
    )
    for statistic in (
        lambda box: box[:, 0],
        lambda box: box[:, 1],
        lambda box: box[:, 2],
        lambda box: box[:, 3],
        lambda box: box[:, 2] * box[:, 3],
        lambda box: np.round(box[:, 3] / box[:, 2], 2),
    ):
        assert ks_2samp(statistic(ours), statistic(theirs)).pvalue > 1e-3


def script_draws(monkeypatch, shares):
    """Let np.random draw the given shares of its ranges, in turn; returns what is left."""
    left = list(shares)
    monkeypatch.setattr(np.random, 'uniform', lambda low, high: low + left.pop(0) * (high - low))
    monkeypatch.setattr(np.random, 'randint', lambda count: int(left.pop(0) * (count - 1)))
    return left


def test_box_of_given_draws(monkeypatch):
    """Area 0.5 of 100 x 400 and ratio 2 = sqrt(1 * 4): 100 high, 200 wide; then top and left."""
    left = script_draws(monkeypatch, [0.5, 0.5, 1, 0.25])
    assert draw_crop_box(100, 400, (0.25, 0.75), (1, 4)) == (0, 50, 100, 200)
    assert left == []


def test_ten_tries_then_the_central_box(monkeypatch):
    """Ratio 2 of the whole 100 x 100 does not fit: 9 misses and a hit, 10 misses, never more."""
    left = script_draws(monkeypatch, [1, 1] * 9 + [0, 1, 0.5, 0] + ['unused'])
    assert draw_crop_box(100, 100, (0.32, 1), (2, 2)) == (30, 0, 40, 80)
    assert left == ['unused']
    left = script_draws(monkeypatch, [1, 1] * 10 + ['unused'])
    assert draw_crop_box(100, 100, (0.32, 1), (2, 2)) == (25, 0, 50, 100)
    assert left == ['unused']


@pytest.mark.parametrize(
    'height, width, expected',
    [(1000, 15, (495, 0, 10, 15)), (10, 1001, (0, 492, 10, 16)), (100, 150, (0, 0, 100, 150))],
)
def test_central_boxes(height, width, expected):
    """No box of more than the image's area fits: too narrow, too wide, and within the ratios."""
    assert draw_crop_box(height, width, (1.1, 1.2), (1.45, 1.55)) == expected


@given(st.integers(0, 2**32 - 1), st.integers(1, 2000), st.integers(1, 2000))
@settings(max_examples=200, deadline=None)
def test_drawn_boxes_lie_in_the_image(seed, height, width):
    np.random.seed(seed)
    box = draw_crop_box(height, width, AREA, RATIO)
    top, left, box_height, box_width = box
    assert all(type(edge) is int for edge in box)
    assert 0 <= top <= top + box_height <= height and box_height > 0
    assert 0 <= left <= left + box_width <= width and box_width > 0
