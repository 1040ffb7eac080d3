"""Small batches and models of known arithmetic for tests of the training step."""

from __future__ import annotations

import torch
from torch import nn

from stslidr.core.batch import PairedBatch
from stslidr.distillation.superpixel import SuperpixelDistiller
from stslidr.encoders.heads import ImageHead, PointHead
from stslidr.encoders.image_encoder import FrozenResNet50
from stslidr.encoders.res16unet import Res16UNet
from stslidr.losses.contrastive import TolerantContrastiveLoss

NUM_SUPERPIXELS = 9


def make_batch(
    seed: int = 0,
    samples: int = 2,
    cameras: int = 2,
    voxels: int = 200,
    pairs: int = 150,
    size: tuple[int, int] = (32, 64),
) -> PairedBatch:
    """Return random voxels, images, blocky superpixels and pairs."""
    g = torch.Generator().manual_seed(seed)
    cells = torch.randperm(20**3, generator=g)[:voxels]
    coors = torch.stack([cells // 400, cells // 20 % 20, cells % 20], dim=1) - 7
    coors = torch.cat(
        [torch.cat([torch.full((voxels, 1), b), coors], dim=1) for b in range(samples)]
    )
    height, width = size
    rows = torch.arange(height)[:, None] * 3 // height
    labels = (rows * 3 + torch.arange(width) * 3 // width).expand(samples * cameras, -1, -1)
    return PairedBatch(
        voxels=torch.rand(samples * voxels, 1, generator=g) * 255,
        coors=coors.int(),
        batch_size=samples,
        images=torch.randn(samples * cameras, 3, height, width, generator=g),
        superpixels=labels.long().clone(),
        pair_voxels=torch.randint(0, samples * voxels, (pairs,), generator=g),
        pair_images=torch.randint(0, samples * cameras, (pairs,), generator=g),
        pair_pixels=torch.stack(
            [
                torch.randint(0, height // 2, (pairs,), generator=g),
                torch.randint(0, width, (pairs,), generator=g),
            ],
            dim=1,
        ),
        num_superpixels=NUM_SUPERPIXELS,
        seed=seed,
    )


def make_backbone() -> Res16UNet:
    """Return a Res16UNet small enough for a test."""
    return Res16UNet(stem_channels=4, planes=(4, 4, 8, 8, 8, 8, 4, 4), blocks=(1,) * 8)


def make_distiller(
    criterion: nn.Module | None = None, seed: int = 0, **settings: object
) -> SuperpixelDistiller:
    """Return a small student with a ResNet-50 of random weights."""
    torch.manual_seed(seed)
    encoder = FrozenResNet50(weights='random', checkpoint=None, dilated=True)
    return SuperpixelDistiller(
        backbone=make_backbone(),
        point_head=PointHead(in_channels=4, embed_dims=16),
        image_encoder=encoder,
        image_head=ImageHead(in_channels=2048, embed_dims=16, scale=4),
        criterion=criterion
        or TolerantContrastiveLoss(tolerance='quantile', min_quantile=0.2, class_balance=True),
        **settings,
    )
