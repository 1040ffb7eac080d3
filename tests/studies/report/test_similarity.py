"""Similarities of superpixels: those of the loss, for all superpixels; which one is shown."""

import numpy as np
import pytest
import torch

from stslidr_studies.report.labelled_sweep import LabelledSweep
from stslidr_studies.report.shown_keyframe import View
from stslidr_studies.report.similarity import Similarities, choose_superpixel, compare_superpixels
from stslidr_studies.report.similarity_figure import describe_by_class, outline, overlay
from support.tiny_batch import make_batch, make_distiller


def make_similarities(cosines, num_pairs=None, areas=None, num_superpixels=None):
    count = len(cosines)
    return Similarities(
        np.array(cosines, dtype=np.float32),
        np.full(count, 20) if num_pairs is None else np.array(num_pairs),
        np.full(count, 0.01) if areas is None else np.array(areas),
        num_superpixels or count,
    )


def spread_of(*rows):
    """A matrix whose rows spread by these amounts around 0.5, apart from the diagonal."""
    count = len(rows)
    cosines = np.array([0.5 + amount * np.linspace(-1, 1, count) for amount in rows])
    return cosines


def test_the_one_that_spreads_most_is_chosen_among_those_of_fair_size():
    cosines = spread_of(0.1, 0.4, 0.3, 0.2)
    assert choose_superpixel(make_similarities(cosines)) == 1
    assert choose_superpixel(make_similarities(cosines, num_pairs=[20, 7, 20, 20])) == 2
    assert choose_superpixel(make_similarities(cosines, areas=[0.01, 0.001, 0.2, 0.01])) == 3


def test_one_that_vanished_is_not_chosen():
    cosines = spread_of(0.1, 0.4, 0.3)
    cosines[1], cosines[:, 1] = np.nan, np.nan
    assert choose_superpixel(make_similarities(cosines)) == 2


def test_without_a_fair_one_the_most_paired_is_chosen():
    similarities = make_similarities(spread_of(0.1, 0.4, 0.3), num_pairs=[2, 5, 3])
    assert choose_superpixel(similarities) == 1


def make_view(labels, number=0, points=(), pixels=()):
    labels = np.array(labels, dtype=np.int32)
    image = np.full((*labels.shape, 3), (90, 60, 30), dtype=np.uint8)
    return View(
        'CAM',
        number,
        image,
        labels,
        np.array(points, dtype=np.int64),
        np.array(pixels, dtype=np.int64).reshape(-1, 2),
    )


def test_the_overlay_is_bright_where_similarity_is_high_and_grey_where_unknown():
    view = make_view([[0, 1, 2, 3]])
    row = overlay(view, np.array([0.2, 0.6, 1.0, np.nan]), low=0.2)[0].astype(int)
    assert row[0].sum() < row[1].sum() < row[2].sum()
    assert row[3].tolist() == [60, 60, 60], 'the grey of the photograph'
    assert row[0].tolist() == overlay(view, np.array([-1.0, 0, 0, 0]), 0.2)[0, 0].tolist()


def test_the_outline_is_around_the_region_alone():
    inside = np.zeros((20, 20), dtype=bool)
    inside[6:14, 6:14] = True
    drawn = outline(np.zeros((20, 20, 3), np.uint8), inside).any(axis=2)
    assert drawn[5, 10] and drawn[6, 10] and not drawn[10, 10] and not drawn[1, 10]


def test_what_is_said_of_classes():
    """Superpixels 0 and 1 are cars, 2 is a tree; 3 holds no labelled point."""
    view = make_view(
        [[0, 1, 2, 3]], points=[0, 1, 2, 3, 4], pixels=[(0, 0), (0, 0), (0, 1), (0, 2), (0, 3)]
    )
    labelled = LabelledSweep(
        '', None, None, np.array([0, 0, 0, 1, 2]), ('car', 'tree'), np.zeros((2, 3), np.uint8)
    )
    cosines = np.full((4, 4), 0.9)
    cosines[0] = [1.0, 0.75, 0.25, 0.5]

    class Keyframe:
        views = [view]

    words = describe_by_class(Keyframe, make_similarities(cosines), 0, labelled)
    assert 'most of its points are car' in words
    assert '1 other superpixels of that class is 0.75, to the 1 of other classes 0.25' in words
    assert describe_by_class(Keyframe, make_similarities(cosines), 3, labelled) == ''


def test_all_superpixels_are_compared_with_the_frozen_features_of_the_loss():
    """Against loops in float64; and for the occupied ones, what the loss itself compares."""
    model, batch = make_distiller().eval(), make_batch(pairs=40)
    given = compare_superpixels(model, batch)
    features = model.image_encoder(batch.images).double().numpy()
    labels = batch.superpixels.numpy()
    means = np.array(
        [
            features[image][:, labels[image, ::4, ::4] == label].mean(axis=1)
            for image in range(len(labels))
            for label in range(batch.num_superpixels)
        ]
    )
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(given.cosines, means @ means.T, atol=1e-5)

    slots = [
        image * batch.num_superpixels + labels[image, row, column]
        for image, (row, column) in zip(
            batch.pair_images.tolist(), batch.pair_pixels.tolist(), strict=True
        )
    ]
    counts = np.bincount(slots, minlength=len(means))
    assert given.num_pairs.tolist() == counts.tolist() and (counts == 0).any()
    assert given.areas.sum() == pytest.approx(len(labels))
    unit = torch.nn.functional.normalize(model.pool(batch).context.double(), dim=1)
    used = np.flatnonzero(counts)
    np.testing.assert_allclose(
        given.cosines[np.ix_(used, used)], (unit @ unit.T).numpy(), atol=1e-5
    )
    image = given.of_image(slots[0], 1)
    assert image.tolist() == given.cosines[slots[0], 9:18].tolist()


def test_a_superpixel_that_vanishes_at_the_encoders_stride_is_not_compared():
    model, batch = make_distiller().eval(), make_batch(samples=1, cameras=1)
    batch.superpixels[0, :, 1] = 8  # a line between the columns that remain
    batch.superpixels[batch.superpixels == 8] = 7
    batch.superpixels[0, :, 1] = 8
    given = compare_superpixels(model, batch)
    assert np.isnan(given.cosines[8]).all() and np.isnan(given.cosines[:, 8]).all()
    assert not np.isnan(given.cosines[:8, :8]).any() and given.areas[8] > 0
