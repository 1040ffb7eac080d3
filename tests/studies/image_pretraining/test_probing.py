"""The linear classifier: against scikit-learn, and on features that hold the classes or nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import jaccard_score

from stslidr.errors import InputError
from stslidr.files.label_png import encode_labels
from stslidr_studies.image_pretraining.probing import (
    NUM_CLASSES,
    RIDGE,
    PooledSuperpixels,
    count_classes,
    fit_and_score,
    pool_features,
    share_of_own_class,
)

DRIVEABLE, VEGETATION, NOISE = 24, 30, 0


def one_class_rows(classes, features):
    """Superpixels of ten pixels, all of one class."""
    pixels = 10 * torch.nn.functional.one_hot(torch.as_tensor(classes), NUM_CLASSES).float()
    return PooledSuperpixels(torch.as_tensor(features).float(), pixels)


def made_rows(rng, count):
    classes = rng.choice([3, 10, 15], count, p=[0.2, 0.5, 0.3])
    centres = rng.normal(size=(NUM_CLASSES, 5)) * 0 + np.eye(NUM_CLASSES)[:, [3, 10, 15, 0, 1]]
    return classes, 3 * centres[classes] + rng.normal(size=(count, 5))


def test_scores_are_those_of_scikit_learns_softmax_regression():
    rng = np.random.default_rng(0)
    (classes, features), (held_classes, held_features) = made_rows(rng, 3000), made_rows(rng, 500)
    scores = fit_and_score(
        one_class_rows(classes, features), one_class_rows(held_classes, held_features)
    )
    mean, std = features.mean(0), features.std(0, ddof=1)
    weights = np.bincount(classes)[classes] ** -0.5
    weights /= weights.sum()
    regression = LogisticRegression(C=1 / (2 * RIDGE), max_iter=1000, tol=1e-9)
    regression.fit((features - mean) / std, classes, sample_weight=weights)
    expected = jaccard_score(
        held_classes, regression.predict((held_features - mean) / std), average=None
    )
    assert expected.min() > 0.5 and expected.max() < 0.99  # neither hopeless nor trivial
    np.testing.assert_allclose(scores.iou[[3, 10, 15]], expected, atol=0.01)
    assert np.isnan(scores.iou[0])
    assert scores.num_points == 5000


def test_tolerated_pairs_are_those_of_loops(monkeypatch):
    monkeypatch.setattr('stslidr_studies.image_pretraining.probing.BATCH_SUPERPIXELS', 250)
    classes, features = made_rows(np.random.default_rng(1), 400)
    tolerated, everything = [], []
    for batch in (range(250), range(250, 400)):
        for row in batch:
            cosines = [
                features[row]
                @ features[other]
                / np.linalg.norm(features[row])
                / np.linalg.norm(features[other])
                for other in batch
            ]
            bound = np.quantile(1 - np.array(cosines), 0.01)
            for other, cosine in zip(batch, cosines, strict=True):
                if other != row:
                    everything.append(classes[other] == classes[row])
                    if 1 - cosine < bound:
                        tolerated.append(everything[-1])
    found = share_of_own_class(one_class_rows(classes, features))
    assert found == pytest.approx((np.mean(tolerated), np.mean(everything)), abs=1e-12)
    assert found[0] > found[1] + 0.2, 'these features tell the classes apart'


def test_pixels_of_a_mixed_superpixel_count_each_for_itself():
    rows = one_class_rows([10] * 20 + [15] * 20, np.repeat([[0.0], [1.0]], 20, axis=0))
    mixed = PooledSuperpixels(torch.tensor([[0.0]]), torch.zeros(1, NUM_CLASSES))
    mixed.pixels[0, [10, 15]] = torch.tensor([6.0, 2.0])
    scores = fit_and_score(rows, mixed)
    assert scores.iou[10] == pytest.approx(6 / 8)
    assert scores.iou[15] == 0


def test_counts_agree_with_a_loop():
    labels, classes = torch.randint(5, (6, 7)), torch.randint(NUM_CLASSES + 1, (6, 7))
    expected = torch.zeros(8, NUM_CLASSES + 1)
    for label, own in zip(labels.flatten(), classes.flatten(), strict=True):
        expected[label, own] += 1
    assert torch.equal(count_classes(labels, classes, 8), expected[:, :NUM_CLASSES])


@pytest.fixture
def class_maps(images, tmp_path):
    """Odd superpixels are road, even ones trees, superpixel 4 is not labelled."""
    (tmp_path / 'classes').mkdir()
    raw_ids = np.array([VEGETATION, DRIVEABLE] * 6)
    raw_ids[4] = NOISE
    for index, image in enumerate(images.images):
        _, labels = images[index]
        content = encode_labels(raw_ids[labels.numpy()])
        (tmp_path / 'classes' / f'{image.token}.png').write_bytes(content)
    return tmp_path / 'classes'


def test_superpixels_are_pooled_from_the_encoders_map(images, class_maps):
    seen = []

    def encoder(batch):
        seen.append(batch.shape)
        return batch[:, :2, ::4, ::4]

    rows = pool_features(encoder, images, class_maps, (48, 80), 'pooling')
    assert set(seen) == {(1, 3, 48, 80)}
    assert rows.features.shape == (len(images) * 11, 2)
    first, labels = images[0]
    assert first.shape[1:] == (48, 80)  # so that nothing is resized
    cells = (labels == 3)[::4, ::4]
    red = ((first[0].float() / 255 - 0.485) / 0.229)[::4, ::4][cells].mean()
    torch.testing.assert_close(rows.features[3, 0], red)
    assert rows.pixels[3].nonzero().flatten().tolist() == [10]
    assert rows.pixels[3, 10] == (labels == 3).sum()


def test_wrong_class_maps_are_named(images, class_maps):
    path = class_maps / f'{images.images[2].token}.png'
    path.write_bytes(encode_labels(np.full((48, 80), 32)))
    with pytest.raises(ValueError, match=rf'class map {path} has .* pixels up to 32'):
        pool_features(lambda batch: batch, images, class_maps, (48, 80), 'pooling')
    path.unlink()
    with pytest.raises(FileNotFoundError, match=str(path)):
        pool_features(lambda batch: batch, images, class_maps, (48, 80), 'pooling')


@pytest.mark.parametrize('size', [(48, 79), (80, 48), (1, 1)])
def test_a_class_map_of_another_size_is_named(images, class_maps, size):
    path = class_maps / f'{images.images[0].token}.png'
    path.write_bytes(encode_labels(np.zeros(size, dtype=int)))
    with pytest.raises(InputError, match=rf'class map {path} has \({size[0]}, {size[1]}\) pixels'):
        pool_features(lambda batch: batch, images, class_maps, (48, 80), 'pooling')


def test_without_a_tolerated_pair_there_is_no_share():
    """Features that are all alike: no pair is more alike than the others."""
    classes = np.array([3, 3, 10, 15])
    tolerated, every = share_of_own_class(one_class_rows(classes, np.ones((4, 5))))
    assert np.isnan(tolerated)
    assert every == pytest.approx(2 / 12), 'two of the twelve ordered pairs'


def test_units_of_the_features_do_not_matter():
    """They are standardised by the training rows' mean and deviation."""
    rng = np.random.default_rng(4)
    (classes, features), (held_classes, held_features) = made_rows(rng, 600), made_rows(rng, 200)
    plain = fit_and_score(
        one_class_rows(classes, features), one_class_rows(held_classes, held_features)
    )
    scale, shift = np.array([1e3, 1e-2, 5, 1, 70]), np.array([9, -3, 0, 1e2, 0])
    scaled = fit_and_score(
        one_class_rows(classes, features * scale + shift),
        one_class_rows(held_classes, held_features * scale + shift),
    )
    assert scaled.miou == pytest.approx(plain.miou, abs=0.01)


def test_features_that_say_nothing_give_the_most_frequent_class():
    classes, held_classes = np.array([10] * 30 + [3] * 10), np.array([10] * 6 + [3] * 6)
    scores = fit_and_score(
        one_class_rows(classes, np.ones((40, 2))), one_class_rows(held_classes, np.ones((12, 2)))
    )
    assert scores.iou[3] == 0 and scores.iou[10] == pytest.approx(0.5)
    assert scores.accuracy == pytest.approx(0.5)
