"""How alike the frozen encoder finds the superpixels of a keyframe, and which one to show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from stslidr.core.batch import PairedBatch
from stslidr.core.feature_similarity import cosine_similarity
from stslidr.core.pooling import pair_slots, pool_labelled_maps, superpixel_slots
from stslidr.distillation.distiller import Distiller

AREA_SHOWN = (0.003, 0.06)
"""Shares of an image between which the superpixel to show lies: neither a speck nor the road."""
MIN_PAIRS = 8
"""Paired points that the superpixel to show has at least."""


@dataclass(frozen=True, eq=False)
class Similarities:
    """Cosines between the pooled frozen features of a keyframe's superpixels.

    Args:
        cosines: float32 (I * S, I * S), S slots for each of I images; NaN where a superpixel does
            not exist, or vanishes in the label map at the encoder's stride.
        num_pairs: int64 (I * S,), paired points of each.
        areas: float64 (I * S,), share of its image that each covers.
        num_superpixels: S.
    """

    cosines: np.ndarray
    num_pairs: np.ndarray
    areas: np.ndarray
    num_superpixels: int

    def of_image(self, slot: int, image: int) -> np.ndarray:
        """Cosines of one superpixel with those of an image, float32 (S,)."""
        first = image * self.num_superpixels
        return self.cosines[slot, first : first + self.num_superpixels]


@torch.no_grad()
def compare_superpixels(model: Distiller, batch: PairedBatch) -> Similarities:
    """Pool the frozen features as the loss does, and compare all superpixels with all.

    Args:
        model: its image encoder is what counts.
        batch: of one keyframe, with superpixels.

    Raises:
        ValueError: the batch has none.
    """
    labels, num_superpixels = batch.superpixels, batch.num_superpixels
    if labels is None:
        raise ValueError('similarities need a batch with superpixels')
    features = model.image_encoder(batch.images)
    context, num_cells = pool_labelled_maps(features, labels, num_superpixels)
    cosines = cosine_similarity(context).cpu().numpy()
    absent = (num_cells == 0).cpu().numpy()
    cosines[absent], cosines[:, absent] = np.nan, np.nan
    slots_of_pairs = pair_slots(labels, batch.pair_images, batch.pair_pixels, num_superpixels)
    slots = superpixel_slots(labels, num_superpixels)
    return Similarities(
        cosines=cosines,
        num_pairs=_count(slots_of_pairs, len(num_cells)),
        areas=_count(slots.flatten(), len(num_cells)) / slots[0].numel(),
        num_superpixels=num_superpixels,
    )


def choose_superpixel(similarities: Similarities) -> int:
    """The slot whose cosines spread most, among those of fair size with enough paired points.

    No label is read. Where none is of that kind, the one with the most paired points.
    """
    low, high = AREA_SHOWN
    exists = ~np.isnan(np.diag(similarities.cosines))
    fair = (
        exists
        & (similarities.areas >= low)
        & (similarities.areas <= high)
        & (similarities.num_pairs >= MIN_PAIRS)
    )
    if not fair.any():
        return int(np.argmax(np.where(exists, similarities.num_pairs, -1)))
    spread = np.full(len(fair), -1.0)
    spread[fair] = np.nanstd(similarities.cosines[fair].astype(np.float64), axis=1)
    return int(np.argmax(spread))


def _count(slots: torch.Tensor, num_slots: int) -> np.ndarray:
    return torch.bincount(slots, minlength=num_slots).cpu().numpy()
