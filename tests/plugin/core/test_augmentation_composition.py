"""After any composition of augmentations, in any order, a pair still joins what it joined."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stslidr.core.augmentation import (
    crop_image,
    crop_labels,
    crop_pairs,
    draw_crop_box,
    flip_pairs,
    outside_cuboid,
)
from stslidr.core.pairing import PointPixelPairs


class Sample:
    """A sample whose images, labels and point features all say where they come from.

    Image channels hold the original row, column and camera; label row * width + column. A point's
    feature is its original index. `pitch` (C, 2) is how many original pixels one pixel spans and
    `image_error`, `label_error` (C, 2) how far what a pair's pixel shows may be from what it
    showed at first, both in original pixels, (row, column).
    """

    def __init__(self, rng, cameras=2, count=200):
        self.sizes = rng.integers(40, 90, size=(cameras, 2))
        self.images, self.labels = [], []
        for camera, (height, width) in enumerate(self.sizes.tolist()):
            rows, columns = np.indices((height, width))
            self.images.append(
                torch.from_numpy(
                    np.stack((rows, columns, np.full_like(rows, camera))).astype(np.float32)
                )
            )
            self.labels.append((rows * width + columns).astype(np.int32))
        self.original_widths = self.sizes[:, 1].copy()
        self.points = rng.normal(size=(count, 3)).astype(np.float32)
        self.whole_cloud = self.points.copy()
        self.features = np.arange(count)
        seen = np.flatnonzero(rng.random(cameras * count) < 0.7)
        images, points = np.divmod(seen, count)
        pixels = rng.integers(0, self.sizes[images])
        self.pairs = PointPixelPairs(points, images, pixels)
        self.original = {
            (point, image): pixel
            for point, image, pixel in zip(points.tolist(), images.tolist(), pixels, strict=True)
        }
        self.pitch = np.ones((cameras, 2))
        self.image_error = np.full((cameras, 2), 1e-3)  # float32 interpolation of 0..90
        self.label_error = np.zeros((cameras, 2))

    def rotate(self, rng):
        angle = rng.uniform(0, 2 * np.pi)
        sine, cosine = np.float32(np.sin(angle)), np.float32(np.cos(angle))
        rotation = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]], dtype=np.float32)
        self.points, self.whole_cloud = self.points @ rotation.T, self.whole_cloud @ rotation.T

    def flip_cloud(self, rng):
        signs = np.array([*rng.choice([-1, 1], size=2), 1], dtype=np.float32)
        self.points, self.whole_cloud = self.points * signs, self.whole_cloud * signs

    def drop_cuboid(self, rng):
        if len(self.points):
            centre = self.points[rng.integers(len(self.points))]
            kept = outside_cuboid(self.points, rng.uniform(0, 1), centre)
            self.points, self.features = self.points[kept], self.features[kept]
            self.pairs = self.pairs.keep_points(kept)

    def crop(self, rng):
        """With s = size / crop a pair's pixel p goes to p' = s p + e, |e| <= 0.5 by rounding.

        Bilinear p' shows (p' + 0.5) / s - 0.5 = p + (e + 0.5) / s - 0.5, which is from 0.5 below
        to 1 / s - 0.5 above; a p outside the box by less than 0.5 / s shows the box's edge. Nearest
        p' shows floor(p' / s), less than 0.5 / s + 1 away. What is shown changes by at most
        `pitch` a pixel for images, and for labels by one original pixel more.
        """
        size = tuple(rng.integers(20, 100, size=2).tolist())
        np.random.seed(rng.integers(2**32))
        boxes = np.array(
            [draw_crop_box(*image_size, (0.3, 1), (0.7, 1.6)) for image_size in self.sizes.tolist()]
        )
        self.images = [
            crop_image(image, box, size) for image, box in zip(self.images, boxes, strict=True)
        ]
        self.labels = [
            crop_labels(labels, box, size) for labels, box in zip(self.labels, boxes, strict=True)
        ]
        self.pairs, _ = crop_pairs(self.pairs, boxes, size)
        shrink = boxes[:, 2:] / size
        off = np.maximum.reduce([np.full_like(shrink, 0.5), shrink - 0.5, shrink / 2])
        self.image_error += self.pitch * off
        self.label_error += self.pitch * (shrink / 2 + 1) + 1
        self.pitch = self.pitch * shrink
        self.sizes = np.tile(size, (len(boxes), 1))

    def flip_images(self, rng):
        flipped = rng.random(len(self.images)) < 0.5
        for camera in np.flatnonzero(flipped):
            self.images[camera] = self.images[camera].flip(-1)
            self.labels[camera] = self.labels[camera][:, ::-1]
        self.pairs = flip_pairs(self.pairs, flipped, self.sizes[:, 1])

    def shown(self):
        """What each pair's pixel shows now and showed at first."""
        for point, image, (row, column) in zip(
            self.pairs.points, self.pairs.images, self.pairs.pixels, strict=True
        ):
            label = divmod(int(self.labels[image][row, column]), int(self.original_widths[image]))
            yield SimpleNamespace(
                image=int(image),
                pixel=self.images[image][:, row, column].numpy(),
                label=label,
                original=self.original[int(self.features[point]), int(image)],
            )


STEPS = {
    'rotate': Sample.rotate,
    'flip cloud': Sample.flip_cloud,
    'drop cuboid': Sample.drop_cuboid,
    'crop': Sample.crop,
    'flip images': Sample.flip_images,
}


def check_sample(sample):
    assert np.array_equal(sample.points, sample.whole_cloud[sample.features])
    assert np.all(sample.pairs.pixels >= 0)
    assert np.all(sample.pairs.pixels < sample.sizes[sample.pairs.images])
    for pair in sample.shown():
        assert np.all(np.abs(pair.pixel[:2] - pair.original) <= sample.image_error[pair.image])
        assert abs(pair.pixel[2] - pair.image) < 1e-4
        assert np.all(
            np.abs(np.subtract(pair.label, pair.original)) <= sample.label_error[pair.image]
        )


@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from(sorted(STEPS)), max_size=6))
@settings(max_examples=120, deadline=None)
def test_any_composition_keeps_points_pixels_and_labels_together(seed, names):
    rng = np.random.default_rng(seed)
    sample = Sample(rng)
    slots = [labels.max() + 1 for labels in sample.labels]
    for name in names:
        STEPS[name](sample, rng)
    check_sample(sample)
    for labels, slot_count in zip(sample.labels, slots, strict=True):
        assert labels.dtype == np.int32 and labels.min() >= 0 and labels.max() < slot_count


@pytest.mark.parametrize('wrong', ['crop', 'flip images', 'drop cuboid'])
def test_the_property_notices_pairs_that_were_not_told(wrong):
    """The tolerance is not so wide that a forgotten update of the pairs would pass."""
    rng = np.random.default_rng(0)
    sample = Sample(rng)
    before = sample.pairs
    for _ in range(3):
        STEPS[wrong](sample, rng)
    inside = before.select(np.all(before.pixels < sample.sizes[before.images], axis=1))
    sample.pairs = inside.select(inside.points < len(sample.points))
    with pytest.raises((AssertionError, KeyError)):
        check_sample(sample)
