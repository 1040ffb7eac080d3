"""The tolerant, class-balanced loss, forward and backward, from frozen features to gradients."""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from stslidr.core.feature_similarity import CosineRows
from stslidr.losses.contrastive import TolerantContrastiveLoss
from stslidr_studies.benchmark.case import BenchmarkedPart, Case, relative_difference

TEMPERATURE, MIN_QUANTILE, THRESHOLD = 0.07, 0.01, 0.5
EMBEDDING, FEATURES, KINDS = 64, 2048, 16


def published_loss(points: Tensor, pixels: Tensor, features: Tensor) -> Tensor:
    """ST-SLidR's loss as its formulas stand: matrices of all pairs, `torch.quantile`.

    Args:
        points: (M, 64).
        pixels: (M, 64).
        features: frozen, (M, 2048).
    """
    unit = F.normalize(features, dim=1)
    similarity = unit @ unit.T
    distance = 1.0 - similarity
    threshold = torch.quantile(distance, MIN_QUANTILE, dim=1, keepdim=True)
    weights = ((distance >= threshold) & (distance > 0.0)).to(points.dtype)
    weights.fill_diagonal_(1.0)
    logits = points @ pixels.T / TEMPERATURE * weights
    own = torch.arange(len(points), device=points.device)
    losses = F.cross_entropy(logits, own, reduction='none')
    votes = (similarity * (similarity >= THRESHOLD)).sum(dim=1)
    anchors = 1.0 - (votes - votes.min()) / (votes.max() - votes.min())
    return (anchors * losses).sum() / anchors.sum()


def make_case(size: int, device: str) -> Case:
    """`size` superpixels of 16 kinds, whose features are alike within a kind."""
    generator = torch.Generator().manual_seed(size)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    kinds = torch.randint(0, KINDS, (size,), generator=generator)
    features = (2.0 * draw(KINDS, FEATURES)[kinds] + draw(size, FEATURES)).relu_().to(device)
    points = F.normalize(draw(size, EMBEDDING), dim=1).to(device).requires_grad_()
    pixels = F.normalize(draw(size, EMBEDDING), dim=1).to(device).requires_grad_()
    criterion = TolerantContrastiveLoss(TEMPERATURE, tolerance='quantile', class_balance=True)

    def step(published: bool) -> tuple[Tensor, Tensor, Tensor]:
        points.grad = pixels.grad = None
        if published:
            loss = published_loss(points, pixels, features)
        else:
            loss = criterion(points, pixels, CosineRows(features)).loss
        loss.backward()
        assert points.grad is not None and pixels.grad is not None
        return loss.detach(), points.grad, pixels.grad

    def products() -> None:
        with torch.no_grad():
            features @ features.T
            logits = points @ pixels.T
            logits @ pixels
            logits.T @ points

    return Case(partial(step, False), partial(step, True), compare, products)


def compare(
    ours: tuple[Tensor, Tensor, Tensor], published: tuple[Tensor, Tensor, Tensor]
) -> dict[str, float]:
    """Of the loss and of its gradients."""
    found = [relative_difference(*pair) for pair in zip(ours, published, strict=True)]
    return {'loss': found[0], 'gradients': max(found[1:])}


LOSS = BenchmarkedPart(
    'loss',
    'tolerant balanced loss, forward and backward',
    'superpixels',
    3600,
    (900, 1800, 3600, 7200),
    make_case,
    'its four matrix products',
)
