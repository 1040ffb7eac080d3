"""PPKT's step: which pairs are drawn, and the loss over them."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from stslidr.distillation.point_pixel import PointPixelDistiller
from stslidr.encoders.heads import ImageHead, PointHead
from stslidr.encoders.image_encoder import FrozenResNet50
from stslidr.losses.contrastive import TolerantContrastiveLoss
from support.tiny_batch import make_backbone, make_batch


def make_model(num_pairs=64, criterion=None):
    torch.manual_seed(0)
    return PointPixelDistiller(
        num_pairs=num_pairs,
        backbone=make_backbone(),
        point_head=PointHead(in_channels=4, embed_dims=16),
        image_encoder=FrozenResNet50(weights='random', checkpoint=None, dilated=False),
        image_head=ImageHead(in_channels=2048, embed_dims=16, scale=32),
        criterion=criterion or TolerantContrastiveLoss(),
    ).eval()


def test_draw_is_without_replacement_and_follows_from_the_seed():
    model, batch = make_model(), make_batch()
    drawn = model.draw_pairs(batch)
    assert len(drawn) == 64 == len(set(drawn.tolist()))
    assert torch.equal(drawn, model.draw_pairs(batch))
    assert not torch.equal(drawn, model.draw_pairs(replace(batch, seed=9)))


def test_fewer_pairs_than_asked_for_are_all_used():
    drawn = make_model(num_pairs=4096).draw_pairs(make_batch(pairs=150))
    assert sorted(drawn.tolist()) == list(range(150))


def test_every_pair_is_drawn_equally_often():
    model, batch = make_model(num_pairs=50), make_batch(pairs=150)
    counts = np.zeros(150)
    for seed in range(600):
        counts[model.draw_pairs(replace(batch, seed=seed)).numpy()] += 1
    deviation = math.sqrt(600 / 3 * 2 / 3)
    assert np.abs(counts - 200).max() < 5 * deviation


def test_the_loss_is_info_nce_over_the_drawn_pairs():
    model, batch = make_model(), make_batch()
    with torch.no_grad():
        voxels = model.embed_voxels(batch).double()
        pixels = model.image_head(model.image_encoder(batch.images)).double()
    drawn = model.draw_pairs(batch).tolist()
    points = [voxels[batch.pair_voxels[i]] for i in drawn]
    shown = [
        pixels[batch.pair_images[i], :, batch.pair_pixels[i, 0], batch.pair_pixels[i, 1]]
        for i in drawn
    ]
    total = 0.0
    for i, point in enumerate(points):
        scores = [float(point @ pixel) / 0.07 for pixel in shown]
        total += math.log(sum(math.exp(score) for score in scores)) - scores[i]
    assert math.isclose(float(model.distill(batch).loss), total / len(drawn), rel_tol=1e-5)


def test_no_pairs_give_a_zero_with_a_graph():
    batch = make_batch()
    batch = replace(
        batch,
        pair_voxels=batch.pair_voxels[:0],
        pair_images=batch.pair_images[:0],
        pair_pixels=batch.pair_pixels[:0],
    )
    model = make_model().train()
    loss = model.distill(batch).loss
    loss.backward()
    assert loss == 0
    assert all(p.grad is not None for p in model.parameters() if p.requires_grad)


def test_settings_that_make_no_sense():
    with pytest.raises(ValueError, match='num_pairs'):
        make_model(num_pairs=0)
    with pytest.raises(ValueError, match='class_balance'):
        make_model(criterion=TolerantContrastiveLoss(tolerance='soft', class_balance=True))
