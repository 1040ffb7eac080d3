"""Crop, resize and flip of images: draws, bounded tries, cameras of several sizes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from stslidr.core.pairing import PointPixelPairs
from stslidr.datasets.transforms import image_augmentation as image_transforms
from stslidr.datasets.transforms.image_augmentation import (
    RandomFlipImages,
    RandomResizedCropImages,
    ResizeImages,
)

SIZES = {
    1: [(90, 160)],
    3: [(90, 160), (64, 64), (200, 120)],
    7: [(40 + 7 * camera, 130 - 9 * camera) for camera in range(7)],
}


def paired_images(sizes, pairs_per_image=400, seed=0):
    """Images whose red, green and blue are the pixel's row, its column and the camera."""
    rng = np.random.default_rng(seed)
    images, labels, pixels = [], [], []
    for camera, (height, width) in enumerate(sizes):
        rows, columns = np.mgrid[:height, :width]
        image = np.stack([rows, columns, np.full_like(rows, camera)], axis=2).astype(np.uint8)
        images.append(torch.from_numpy(image).permute(2, 0, 1))
        labels.append(torch.from_numpy((rows * 1000 + columns).astype(np.int32)))
        pixels.append(rng.integers((1, 1), (height - 1, width - 1), (pairs_per_image, 2)))
    pixels = np.concatenate(pixels)
    return {
        'images': images,
        'superpixels': labels,
        'image_sizes': np.array(sizes),
        'pairs': PointPixelPairs(
            np.arange(len(pixels)), np.repeat(np.arange(len(sizes)), pairs_per_image), pixels
        ),
    }, pixels


def assert_pairs_show(sample, original_pixels, scale):
    """Each pair's pixel shows its original pixel, or one that rounding in a resize moves it to.

    With (C, 2) original pixels to a new one, rounding moves by at most half a new pixel, and the
    centre of a new pixel lies within half an original one of where the published rule puts it.
    """
    pairs = sample['pairs']
    rows, columns = pairs.pixels.T
    for axis in range(2):
        tolerance = np.maximum(scale, scale > 0)[pairs.images, axis] + 1e-3
        wanted = original_pixels[pairs.points, axis]
        shown = np.array(
            [
                sample['images'][image][axis, row, column]
                for image, row, column in zip(pairs.images, rows, columns, strict=True)
            ]
        )
        assert (np.abs(shown - wanted) <= tolerance).all()
        labels = np.array(
            [
                sample['superpixels'][image][row, column]
                for image, row, column in zip(pairs.images, rows, columns, strict=True)
            ]
        )
        labelled = (labels // 1000, labels % 1000)[axis]
        assert (np.abs(labelled - wanted) <= tolerance).all()


def draws_of(monkeypatch, box):
    """Let every drawn box be this one; returns the list that counts the draws."""
    draws = []
    monkeypatch.setattr(image_transforms, 'draw_crop_box', lambda *given: draws.append(1) or box)
    return draws


@pytest.mark.parametrize('cameras', [1, 3, 7])
def test_a_crop_keeps_what_each_pair_shows(cameras):
    sample, pixels = paired_images(SIZES[cameras])
    np.random.seed(cameras)
    RandomResizedCropImages(size=(56, 104), min_pairs=100)(sample)
    assert {tuple(image.shape) for image in sample['images']} == {(3, 56, 104)}
    assert {image.dtype for image in sample['images']} == {torch.float32}
    assert sample['image_sizes'].tolist() == [[56, 104]] * cameras
    for camera, image in enumerate(sample['images']):
        torch.testing.assert_close(image[2], torch.full((56, 104), float(camera)))
    assert (sample['pairs'].count_per_image(cameras) > 100).all()
    assert_pairs_show(sample, pixels, np.array(SIZES[cameras]) / (56, 104))


@pytest.mark.parametrize('cameras', [1, 3, 7])
def test_a_resize_keeps_all_of_the_image(cameras):
    sample, pixels = paired_images(SIZES[cameras])
    ResizeImages(size=(56, 104))(sample)
    corners = [image[:2, -1, -1] - image[:2, 0, 0] for image in sample['images']]
    for corner, size in zip(corners, SIZES[cameras], strict=True):
        shown = np.array(size) * (1 - 1 / np.array([56, 104]))
        np.testing.assert_allclose(corner, np.minimum(shown, np.array(size) - 1), atol=1e-3)
    assert_pairs_show(sample, pixels, np.array(SIZES[cameras]) / (56, 104))
    assert len(sample['pairs']) > 0.95 * len(pixels)


def test_a_crop_is_bilinear_between_pixel_centres_and_rounds_nothing(monkeypatch):
    rng = np.random.default_rng(2)
    image = rng.integers(0, 256, (90, 160, 3), dtype=np.uint8)
    sample, _ = paired_images([(90, 160)])
    sample['images'] = [torch.from_numpy(image).permute(2, 0, 1)]
    draws_of(monkeypatch, (7, 20, 70, 121))
    RandomResizedCropImages(size=(56, 104), min_pairs=0)(sample)
    cropped = sample['images'][0].numpy()
    region = image[7:77, 20:141].astype(np.float64)

    def weights(length, new_length):
        centres = np.clip((np.arange(new_length) + 0.5) * length / new_length - 0.5, 0, length - 1)
        return np.maximum(0, 1 - np.abs(centres[:, None] - np.arange(length)))

    expected = np.einsum('yr,rcd,xc->dyx', weights(70, 56), region, weights(121, 104))
    np.testing.assert_allclose(cropped, expected, rtol=0, atol=5e-3)  # float32 positions
    assert np.abs(cropped - np.round(cropped)).max() > 0.4


@pytest.mark.parametrize(
    ('inside', 'outside', 'taken'),
    [
        (1025, 5000, True),  # more than 1024 pairs, however small their share
        (1024, 5000, False),
        (76, 24, True),  # more than 75 %, however few
        (75, 25, False),
        (1, 0, True),
    ],
)
def test_when_a_box_is_taken(monkeypatch, inside, outside, taken):
    sample, _ = paired_images([(90, 160)], pairs_per_image=inside + outside)
    sample['pairs'].pixels[:inside] = (20, 20)
    sample['pairs'].pixels[inside:] = (80, 150)
    draws = draws_of(monkeypatch, (0, 0, 60, 104))
    RandomResizedCropImages(size=(60, 104), max_tries=9)(sample)
    assert len(draws) == (1 if taken else 9)
    assert len(sample['pairs']) == (inside if taken else inside + outside)
    assert sample['images'][0][:2, -1, -1].tolist() == pytest.approx(
        [59, 103] if taken else [89.25 - 0.5, 160 - 0.5 * 160 / 104 - 0.5]
    )


def test_an_image_without_pairs_draws_nothing_and_does_not_loop(monkeypatch):
    sample, _ = paired_images([(90, 160), (90, 160)])
    sample['pairs'] = sample['pairs'].select(sample['pairs'].images == 1)
    draws = draws_of(monkeypatch, (0, 0, 90, 160))
    RandomResizedCropImages(size=(56, 104))(sample)
    assert len(draws) == 1
    empty, _ = paired_images([(90, 160)], pairs_per_image=0)
    RandomResizedCropImages(size=(56, 104))(empty)
    assert len(empty['pairs']) == 0


def test_only_the_chosen_images_are_flipped_each_by_its_own_width():
    sizes = SIZES[7]
    for seed in range(3):
        sample, pixels = paired_images(sizes)
        np.random.seed(seed)
        RandomFlipImages()(sample)
        flipped = [bool(image[1, 0, 0] > 0) for image in sample['images']]
        assert_pairs_show(sample, pixels, np.zeros((7, 2)))
        np.random.seed(seed)
        assert flipped == (np.random.random(7) < 0.5).tolist()
        assert [tuple(image.shape[1:]) for image in sample['images']] == sizes


@pytest.mark.parametrize(('prob', 'flips'), [(0, False), (1, True)])
def test_flip_probability(prob, flips):
    sample, _ = paired_images([(4, 6)] * 5, pairs_per_image=9)
    RandomFlipImages(prob)(sample)
    assert all(bool(image[1, 0, 0] > 0) == flips for image in sample['images'])


def test_without_superpixels_none_appear():
    for transform in (ResizeImages((8, 8)), RandomResizedCropImages((8, 8)), RandomFlipImages()):
        sample, _ = paired_images([(90, 160)])
        del sample['superpixels']
        assert 'superpixels' not in transform(sample)


@pytest.mark.parametrize(
    ('transform', 'settings', 'said'),
    [
        (ResizeImages, {'size': (224,)}, 'ResizeImages: size'),
        (ResizeImages, {'size': (224, 416.5)}, 'ResizeImages: size'),
        (RandomResizedCropImages, {'size': (0, 416)}, 'RandomResizedCropImages: size'),
        (RandomResizedCropImages, {'area': (0.3, 1.1)}, 'area'),
        (RandomResizedCropImages, {'area': (0, 1)}, 'area'),
        (RandomResizedCropImages, {'area': (1.0, 0.3)}, 'area'),
        (RandomResizedCropImages, {'ratio': (0, 2)}, 'ratio'),
        (RandomResizedCropImages, {'ratio': 2 * (float('nan'),)}, 'ratio'),
        (RandomResizedCropImages, {'min_pairs': -1}, 'min_pairs'),
        (RandomResizedCropImages, {'min_fraction': 1}, 'min_fraction'),
        (RandomResizedCropImages, {'max_tries': 0}, 'max_tries'),
        (RandomFlipImages, {'prob': 1.2}, 'prob'),
    ],
)
def test_senseless_settings_are_refused(transform, settings, said):
    with pytest.raises(ValueError, match=said):
        transform(**settings)
