"""What only the content tells: on made-up areas, and on real sweeps and images."""

import os
from pathlib import Path

import numpy as np
import pytest

from stslidr.files.images import read_image
from stslidr.inspection.content_checks import (
    explained_share,
    fits_another_image,
    fits_another_sweep,
    is_one_colour,
    odd_intrinsics,
)
from stslidr.preparation.superpixel_methods import build_generator


def areas(seed, size=(120, 200), count=30):
    """Areas around random seeds, and an image in which each has a colour, with noise."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform((0, 0), size, (count, 2))
    pixels = np.stack(np.indices(size), axis=-1)
    labels = ((pixels[:, :, None] - centres) ** 2).sum(axis=-1).argmin(axis=-1)
    colours = rng.integers(0, 256, (count, 3))
    image = colours[labels] + rng.normal(0, 10, (*size, 3))
    return np.clip(image, 0, 255).astype(np.uint8), labels


def test_a_map_fits_its_own_image_alone():
    made = [areas(seed) for seed in range(6)]
    for i, (image, _) in enumerate(made):
        for j, (_, labels) in enumerate(made):
            assert fits_another_image(image, labels) == (i != j), (i, j)


def test_noise_and_one_colour_are_not_judged():
    noise = np.random.default_rng(0).integers(0, 256, (120, 200, 3), dtype=np.uint8)
    assert not fits_another_image(noise, areas(1)[1])
    assert not fits_another_image(np.full_like(noise, 7), areas(1)[1])


def test_the_explained_share_is_that_of_a_regression():
    image, labels = areas(3, (20, 30), 5)
    pixels = image.astype(np.float64)
    indicators = np.eye(5)[labels.ravel()]
    flat = pixels.reshape(-1, 3)
    left = flat - indicators @ np.linalg.lstsq(indicators, flat, rcond=None)[0]
    expected = 1 - (left**2).sum() / ((flat - flat.mean(axis=0)) ** 2).sum()
    assert explained_share(pixels, labels) == pytest.approx(expected)
    assert explained_share(np.ones((4, 4, 3)), np.arange(16).reshape(4, 4)) == 0


@pytest.mark.parametrize('noise, expected', [(0, True), (1, True), (8, False)])
def test_one_colour(noise, expected):
    image = np.full((90, 160, 3), 60) + np.random.default_rng(0).normal(0, noise, (90, 160, 3))
    assert is_one_colour(np.clip(image, 0, 255).astype(np.uint8)) == expected


def scene(seed, count=20000):
    """Points on a plane, and the class of the area that each is in, point by point around."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(-20, 20, (count, 3)).astype(np.float32) * (1, 1, 0.02)
    points = points[np.argsort(np.arctan2(points[:, 1], points[:, 0]))]
    centres = rng.uniform(-20, 20, (25, 2))
    classes = ((points[:, None, :2] - centres) ** 2).sum(axis=2).argmin(axis=1) % 7
    return points.astype(np.float32), classes


def test_labels_fit_their_own_sweep_alone():
    made = [scene(seed) for seed in range(4)]
    for i, (points, _) in enumerate(made):
        for j, (_, classes) in enumerate(made):
            assert fits_another_sweep(points, classes) == (i != j), (i, j)


def test_a_few_points_and_one_class_are_not_judged():
    points, _ = scene(0)
    assert not fits_another_sweep(points, np.zeros(len(points), int))
    assert not fits_another_sweep(points[:50], np.arange(50))


CAM2IMG = np.array([[1266.0, 0, 816], [0, 1266, 491], [0, 0, 1]])


@pytest.mark.parametrize(
    'size, odd',
    [((900, 1600), False), ((450, 800), True), ((1800, 3200), True), ((1600, 900), True)],
)
def test_intrinsics_belong_to_a_size(size, odd):
    assert (odd_intrinsics(CAM2IMG, size) is not None) == odd


@pytest.mark.parametrize('focal, odd', [((1, 1), False), ((1, 3), True), ((1e-2, 1e-2), True)])
def test_focal_lengths(focal, odd):
    cam2img = CAM2IMG.copy()
    cam2img[0, 0] *= focal[0]
    cam2img[1, 1] *= focal[1]
    assert (odd_intrinsics(cam2img, (900, 1600)) is not None) == odd


def test_real_images_and_their_superpixels(keyframe_root):
    files = sorted((keyframe_root / 'samples').glob('CAM_*/*.jpg'))[:3]
    images = [np.ascontiguousarray(read_image(path)[::2, ::2]) for path in files]
    method = build_generator('slic', {})
    maps = [np.asarray(method(image)) for image in images]
    for i, image in enumerate(images):
        assert not is_one_colour(image)
        for j, labels in enumerate(maps):
            assert fits_another_image(image, labels) == (i != j), (i, j)


def test_real_sweeps_and_their_labels(tmp_path):
    root = os.environ.get('STSLIDR_TEST_SEMANTICKITTI')
    if not root:
        pytest.skip('STSLIDR_TEST_SEMANTICKITTI is not set: it names SemanticKITTI scans')
    from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI

    table = SEMANTIC_KITTI.labels.class_table
    scans = sorted(Path(root).glob('sequences/*/velodyne/*.bin'))[::4]
    made = []
    for path in scans:
        sweep = np.fromfile(path, np.float32).reshape(-1, 4)
        file = path.parents[1] / 'labels' / f'{path.stem}.label'
        made.append((sweep, table[np.fromfile(file, np.uint32) & 0xFFFF]))
    assert len(made) >= 4
    for number, (sweep, classes) in enumerate(made):
        assert not fits_another_sweep(sweep, classes), scans[number]
        other = made[(number + 1) % len(made)][1]
        length = min(len(sweep), len(other))
        assert fits_another_sweep(sweep[:length], other[:length]), scans[number]
