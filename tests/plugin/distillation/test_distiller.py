"""What all methods share: embeddings of voxels and pixels, and the call of the criterion."""

import pytest
import torch
from torch import nn

from stslidr.contracts.criterion import ContrastiveResult
from stslidr.distillation.distiller import Distiller
from stslidr.encoders.heads import ImageHead, PointHead
from stslidr.errors import InputError
from support.tiny_batch import make_batch


class Doubling(nn.Module):
    """Features are those of the voxels, twice."""

    out_channels = 2

    def forward(self, voxels, coors):
        assert coors.dtype == torch.int32
        return voxels.repeat(1, 2)


class Shrinking(nn.Module):
    """Every fourth pixel of every fourth row."""

    def forward(self, images):
        return images[:, :, ::4, ::4]


class Forgetful(nn.Module):
    needs_similarity = False

    def forward(self, points, pixels, similarity):
        return ContrastiveResult((points - pixels).sum(), {'num_anchors': points.new_tensor(1.0)})


def make(scale=4, criterion=None):
    torch.manual_seed(0)
    return Distiller(
        backbone=Doubling(),
        point_head=PointHead(2, 8),
        image_encoder=Shrinking(),
        image_head=ImageHead(3, 8, scale),
        criterion=criterion or Forgetful(),
    )


def test_voxels_are_embedded_by_backbone_and_head():
    model, batch = make(), make_batch()
    expected = model.point_head(torch.cat([batch.voxels, batch.voxels], dim=1))
    assert torch.equal(model.embed_voxels(batch), expected)


def test_pixels_are_embedded_at_the_images_size():
    model, batch = make(), make_batch()
    embeddings = model.embed_pixels(model.image_encoder(batch.images), batch)
    assert embeddings.shape == (4, 8, 32, 64)
    torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(4, 32, 64))


def test_a_head_of_another_scale_is_refused():
    model, batch = make(scale=2), make_batch()
    with pytest.raises(InputError, match=r'maps of \(16, 32\) for images of \(32, 64\)'):
        model.embed_pixels(model.image_encoder(batch.images), batch)


def test_a_criterion_that_forgets_a_statistic_is_named():
    rows = torch.rand(3, 8)
    with pytest.raises(InputError, match='statistics of Forgetful lack top1_matching'):
        make().contrast(rows, rows, None)


def test_a_distiller_without_a_method_says_so():
    with pytest.raises(TypeError, match='Distiller does not say what it distils'):
        make().distill(make_batch())
