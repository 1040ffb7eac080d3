"""The whole training step against loops in float64, and its degenerate batches."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from stslidr.losses.contrastive import TolerantContrastiveLoss
from support.tiny_batch import make_batch, make_distiller


def naive_loss(model, batch):
    """Loss of one batch from the formulas, with loops, in float64; embeddings from the model."""
    with torch.no_grad():
        voxels = model.embed_voxels(batch).double().numpy()
        features = model.image_encoder(batch.images)
        pixels = model.image_head(features).double().numpy()
        features = features.double().numpy()
    labels = batch.superpixels.numpy()
    points = {}
    for voxel, image, (row, column) in zip(
        batch.pair_voxels.tolist(),
        batch.pair_images.tolist(),
        batch.pair_pixels.tolist(),
        strict=True,
    ):
        points.setdefault((image, labels[image, row, column]), []).append(voxels[voxel])
    superpoints, superpixels, context = [], [], []
    for image, label in sorted(points):
        small = labels[image, ::4, ::4] == label
        if not small.any():
            continue
        own = points[image, label]
        superpoints.append(np.sum(own, axis=0) / (len(own) + 1e-6))
        inside = labels[image] == label
        superpixels.append(pixels[image][:, inside].sum(1) / (inside.sum() + 1e-6))
        context.append(features[image][:, small].sum(1) / (small.sum() + 1e-6))
    k, q, f = map(np.array, (superpoints, superpixels, context))
    f /= np.linalg.norm(f, axis=1, keepdims=True)
    similarity = f @ f.T
    distance = 1 - similarity
    weight = distance >= np.quantile(distance, model.criterion.min_quantile, axis=1)[:, None]
    np.fill_diagonal(weight, True)
    logits = k @ q.T / 0.07 * weight
    losses = np.log(np.exp(logits).sum(1)) - np.diag(logits)
    votes = np.where(similarity >= 0.5, similarity, 0).sum(1)
    anchor = 1 - (votes - votes.min()) / (votes.max() - votes.min())
    return (anchor * losses).sum() / anchor.sum(), len(k)


def test_the_step_is_the_formulas():
    model, batch = make_distiller(), make_batch()
    model.eval()
    loss, statistics = model.distill(batch)
    expected, num_anchors = naive_loss(model, batch)
    assert statistics['num_anchors'] == num_anchors
    assert math.isclose(float(loss), expected, rel_tol=1e-5)


def test_gradients_reach_the_student_and_the_head_and_nothing_else():
    model, batch = make_distiller(), make_batch()
    model.train()
    before = {name: value.clone() for name, value in model.image_encoder.state_dict().items()}
    model.distill(batch).loss.backward()
    for name, parameter in model.named_parameters():
        if name.startswith('image_encoder'):
            assert parameter.grad is None and not parameter.requires_grad
        else:
            assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), name
            assert parameter.grad.abs().sum() > 0, name
    assert all(
        torch.equal(value, before[name]) for name, value in model.image_encoder.state_dict().items()
    ), 'the teacher has changed'


def test_superpixels_without_points_and_vanished_ones_are_left_out():
    batch = make_batch()
    labels = batch.superpixels.clone()
    labels[0, 1, 1:3] = 8  # two pixels that no multiple of 4 hits; everything else of id 8 is gone
    labels[0][labels[0] == 8] = 7
    labels[0, 1, 1:3] = 8
    extra = dict(
        pair_voxels=torch.cat([batch.pair_voxels, torch.tensor([3])]),
        pair_images=torch.cat([batch.pair_images, torch.tensor([0])]),
        pair_pixels=torch.cat([batch.pair_pixels, torch.tensor([[1, 2]])]),
    )
    batch = replace(batch, superpixels=labels, **extra)
    rows, columns = batch.pair_pixels.unbind(1)
    occupied = {
        (int(i), int(labels[i, r, c]))
        for i, r, c in zip(batch.pair_images, rows, columns, strict=True)
    }
    assert (0, 8) in occupied
    tolerant = make_distiller().eval().pool(batch)
    assert len(tolerant.superpoint_embeddings) == len(occupied) - 1
    plain = make_distiller(criterion=TolerantContrastiveLoss()).eval().pool(batch)
    assert len(plain.superpoint_embeddings) == len(occupied)


def without_pairs(batch):
    return replace(
        batch,
        pair_voxels=batch.pair_voxels[:0],
        pair_images=batch.pair_images[:0],
        pair_pixels=batch.pair_pixels[:0],
    )


@pytest.mark.parametrize('tolerance', ['none', 'quantile', 'soft'])
def test_no_pair_at_all_gives_a_zero_with_a_graph(tolerance):
    criterion = TolerantContrastiveLoss(tolerance=tolerance, class_balance=tolerance != 'none')
    model = make_distiller(criterion=criterion).train()
    result = model.distill(without_pairs(make_batch()))
    assert result.loss == 0
    result.loss.backward()
    trained = [p for n, p in model.named_parameters() if not n.startswith('image_encoder')]
    assert all(p.grad is not None and not p.grad.any() for p in trained)


def test_one_superpixel_and_an_empty_camera():
    batch = make_batch()
    one = replace(
        batch,
        pair_voxels=batch.pair_voxels[:5],
        pair_images=torch.zeros(5, dtype=torch.int64),
        pair_pixels=torch.zeros(5, 2, dtype=torch.int64),
    )
    model = make_distiller().train()
    loss, statistics = model.distill(one)
    assert statistics['num_anchors'] == 1 and float(loss) == 0.0
    loss.backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


def test_batch_without_superpixels_names_the_transform():
    with pytest.raises(ValueError, match='LoadSuperpixels'):
        make_distiller().distill(replace(make_batch(), superpixels=None))


def test_image_size_that_is_no_multiple_of_the_stride():
    with pytest.raises(ValueError, match='multiple of'):
        make_distiller().distill(make_batch(size=(30, 62)))


def test_permuting_the_superpixels_breaks_the_matching_and_follows_from_the_seed():
    batch = make_batch()
    plain = make_distiller().eval().pool(batch)
    model = make_distiller(permute_superpixels=True).eval()
    losses = [float(model.distill(replace(batch, seed=seed)).loss) for seed in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]
    assert len(plain.superpixel_embeddings) > 10
    unpermuted = float(make_distiller().eval().distill(batch).loss)
    assert unpermuted not in losses


class MapsAlone(torch.nn.Module):
    """An image head of one's own, which makes all pixels and pools nothing."""

    def __init__(self, head):
        super().__init__()
        self.head = head

    def forward(self, features):
        return self.head(features)


def test_a_head_that_makes_all_pixels_is_pooled_alike():
    model, batch = make_distiller().eval(), make_batch()
    expected = model.pool(batch)
    model.image_head = MapsAlone(model.image_head)
    for one, other in zip(model.pool(batch), expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


class WholeMatrix(torch.nn.Module):
    """A criterion of one's own, which is given all similarities at once."""

    needs_similarity = True

    def __init__(self, criterion):
        super().__init__()
        self.criterion = criterion

    def forward(self, points, pixels, similarity):
        assert similarity.shape == (len(points), len(points))
        return self.criterion(points, pixels, similarity)


def test_a_criterion_that_reads_a_matrix_gets_one():
    model, batch = make_distiller().eval(), make_batch()
    expected = model.distill(batch).loss
    model.criterion = WholeMatrix(model.criterion)
    torch.testing.assert_close(model.distill(batch).loss, expected, rtol=1e-6, atol=0)
