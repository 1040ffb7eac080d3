"""Means of features over superpixels: of the paired points, and of feature maps.

A *slot* is one superpixel of one image of the batch: `image * num_superpixels + label`. All means
are the published `sum / (count + 1e-6)`, so that a slot without members is a row of zeros.
Everything accumulates in float32 at least, also under autocast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

MEAN_EPS = 1e-6


def superpixel_slots(labels: Tensor, num_superpixels: int) -> Tensor:
    """Number the superpixels of a batch through.

    Args:
        labels: superpixel ids of each image, any integer dtype, (I, H, W), all in 0 .. S - 1.
            That is not checked here, where it would wait for the GPU at every step: `PairedBatch`
            checks it. Another id would join another image's slots.
        num_superpixels: S, ids an image may use.

    Returns:
        int64 (I, H, W), `image * S + label`.
    """
    first_slot = torch.arange(len(labels), device=labels.device) * num_superpixels
    return labels.long() + first_slot[:, None, None]


def pair_slots(labels: Tensor, images: Tensor, pixels: Tensor, num_superpixels: int) -> Tensor:
    """Slot of each pair: of the superpixel that its pixel is in.

    Args:
        labels: as `superpixel_slots` takes them, (I, H, W).
        images: int64 (P,), row of ``labels``.
        pixels: int64 (P, 2), (row, column) in that image.
        num_superpixels: S, ids an image may use.

    Returns:
        int64 (P,), `image * S + label`.
    """
    rows, columns = pixels.unbind(1)
    return labels[images, rows, columns].long() + images * num_superpixels


def labels_to_stride(labels: Tensor, size: Sequence[int]) -> Tensor:
    """Bring label maps to a feature map's size as `F.interpolate(mode='nearest')` does.

    For a whole stride s this is `labels[:, ::s, ::s]`; maps of that size come back as they are.

    Args:
        labels: superpixel ids or slots, any integer dtype, (I, H, W).
        size: height and width of the feature map.

    Returns:
        The dtype of `labels`, (I, height, width).
    """
    if tuple(labels.shape[1:]) == tuple(size):
        return labels
    rows, columns = (
        F.interpolate(torch.arange(old, dtype=torch.float64)[None, None], size=new)[0, 0]
        .long()
        .to(labels.device)
        for old, new in zip(labels.shape[1:], size, strict=True)
    )
    return labels[:, rows[:, None], columns]


def pool_mean(features: Tensor, slots: Tensor, num_slots: int) -> tuple[Tensor, Tensor]:
    """Mean of the rows of `features` that share a slot.

    Args:
        features: one row for each pair, (P, D); gradients flow through it.
        slots: int64 (P,), the slot of each row, below `num_slots`.
        num_slots: rows of the result.

    Returns:
        means (num_slots, D) and int64 counts (num_slots,).

    Raises:
        ValueError: `slots` does not number the rows of `features`.
    """
    if slots.shape != features.shape[:1]:
        raise ValueError(
            f'slots {tuple(slots.shape)} must give one slot to each row of features '
            f'{tuple(features.shape)}'
        )
    features = features.to(_accumulation_dtype(features))
    sums = features.new_zeros(num_slots, features.shape[1]).index_add(0, slots, features)
    return mean_of_sums(sums, count_members(slots, num_slots))


def pool_labelled_maps(
    feature_maps: Tensor, labels: Tensor, num_superpixels: int
) -> tuple[Tensor, Tensor]:
    """Mean of each image's feature map over each of its superpixels.

    The label maps are brought to the feature maps' size; a superpixel that vanishes there has a
    count of 0 and a mean of zeros.

    Args:
        feature_maps: (I, D, h, w), channels first; gradients flow through it.
        labels: as `superpixel_slots` takes them, (I, H, W), at any size.
        num_superpixels: S, ids an image may use.

    Returns:
        means (I * S, D) and int64 counts of cells (I * S,), by slot.

    Raises:
        ValueError: the numbers of images disagree, or there is no image.
    """
    slots = superpixel_slots(labels_to_stride(labels, feature_maps.shape[-2:]), num_superpixels)
    return pool_image_map(feature_maps, slots, len(feature_maps) * num_superpixels)


def pool_image_map(feature_map: Tensor, slots: Tensor, num_slots: int) -> tuple[Tensor, Tensor]:
    """Mean of a feature map over each superpixel.

    Reads the map in its own layout and keeps only the labels for the backward pass.

    Args:
        feature_map: (I, D, H, W), channels first; gradients flow through it.
        slots: int64 (I, H, W) of `superpixel_slots`, at the size of the feature map.
        num_slots: I * S, rows of the result.

    Returns:
        means (num_slots, D) and int64 counts (num_slots,).

    Raises:
        ValueError: the shapes disagree, or the slots cannot be shared out among the images.
    """
    num_images, channels = feature_map.shape[:2]
    if slots.shape != (num_images, *feature_map.shape[2:]):
        raise ValueError(
            f'slots {tuple(slots.shape)} and feature map {tuple(feature_map.shape)} must agree in '
            f'images, height and width: see labels_to_stride'
        )
    if num_images == 0 or num_slots % num_images:
        raise ValueError(f'{num_slots} slots cannot be shared out among {num_images} images')
    num_superpixels = num_slots // num_images
    first_slot = torch.arange(num_images, device=slots.device) * num_superpixels
    labels = slots.flatten(1) - first_slot[:, None]
    sums = _SumOverSuperpixels.apply(feature_map, labels, num_superpixels)
    sums = sums.transpose(1, 2).reshape(num_slots, channels)
    return mean_of_sums(sums, count_members(slots.flatten(), num_slots))


def _accumulation_dtype(features: Tensor) -> torch.dtype:
    return torch.promote_types(features.dtype, torch.float32)


def count_members(slots: Tensor, num_slots: int) -> Tensor:
    """How often each slot stands in `slots`, int64 (num_slots,)."""
    one = torch.ones((), dtype=torch.int64, device=slots.device)
    return one.new_zeros(num_slots).scatter_add_(0, slots, one.expand_as(slots))


def mean_of_sums(sums: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
    """The published means (num_slots, D) of sums and counts; and the counts."""
    return sums / (counts.to(sums.dtype) + MEAN_EPS)[:, None], counts


def _sum_by_scatter(image: Tensor, labels: Tensor, num_superpixels: int) -> Tensor:
    """(D, P) and (P,) -> (D, S). The fastest on CPU; on CUDA it would use atomics."""
    sums = image.new_zeros(len(image), num_superpixels)
    return sums.scatter_add_(1, labels.expand(len(image), -1), image)


def _sum_by_matmul(image: Tensor, labels: Tensor, num_superpixels: int) -> Tensor:
    """(D, P) and (P,) -> (D, S). No atomics, so deterministic on CUDA."""
    one_hot = image.new_zeros(len(labels), num_superpixels).scatter_(1, labels[:, None], 1.0)
    return image @ one_hot


class _SumOverSuperpixels(torch.autograd.Function):
    """Sum feature maps (I, D, H, W) over labels (I, H * W) into (I, D, S), image by image."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor, labels: Tensor, num_superpixels: int) -> Tensor:
        ctx.save_for_backward(labels)
        ctx.map_shape, ctx.map_dtype = maps.shape, maps.dtype
        sum_image = _sum_by_matmul if maps.is_cuda else _sum_by_scatter
        dtype = _accumulation_dtype(maps)
        with torch.autocast(maps.device.type, enabled=False):
            sums = [
                sum_image(image.flatten(1).to(dtype), image_labels, num_superpixels)
                for image, image_labels in zip(maps, labels, strict=True)
            ]
        return torch.stack(sums)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_sums: Tensor) -> tuple[Tensor, None, None]:
        (labels,) = ctx.saved_tensors
        grad_sums = grad_sums.to(ctx.map_dtype).contiguous()
        grad_maps = grad_sums.new_empty(*ctx.map_shape[:2], labels.shape[1])
        for grad_map, grad_sum, image_labels in zip(grad_maps, grad_sums, labels, strict=True):
            torch.index_select(grad_sum, 1, image_labels, out=grad_map)
        return grad_maps.view(ctx.map_shape), None, None
