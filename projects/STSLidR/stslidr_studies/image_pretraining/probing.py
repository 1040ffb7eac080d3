"""How well a linear classifier tells the classes of superpixels from pooled features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from stslidr.core.feature_similarity import cosine_similarity
from stslidr.core.pooling import pool_labelled_maps
from stslidr.errors import InputError
from stslidr.evaluation.confusion import SegScores
from stslidr.files.label_png import read_labels
from stslidr.files.lidarseg_classes import CLASS_NAMES, CLASS_OF_RAW
from stslidr.losses.tolerance import quantile_weights
from stslidr.tooling.progress import show_progress
from stslidr_studies.image_pretraining.superpixel_images import SuperpixelImages
from stslidr_studies.image_pretraining.views import normalize

NUM_CLASSES = len(CLASS_NAMES)
FIT_STEPS = 200
RIDGE = 1e-4
STD_EPS = 1e-6
BATCH_SUPERPIXELS = 1500
"""About as many as two keyframes of six cameras have."""
Features = Callable[[Tensor], Tensor]
"""Maps normalised RGB (1, 3, H, W) to features (1, C, h, w)."""


@dataclass(frozen=True, eq=False)
class PooledSuperpixels:
    """Rows for M superpixels.

    Attributes:
        features: float32 (M, C), mean over the superpixel's cells.
        pixels: float32 (M, K), the superpixel's labelled pixels of each class.
    """

    features: Tensor
    pixels: Tensor


def pool_features(
    encoder: Features,
    images: SuperpixelImages,
    class_maps: Path,
    size: tuple[int, int],
    description: str,
) -> PooledSuperpixels:
    """Pool an encoder's features over the superpixels of all images.

    Superpixels that no cell of the feature map shows, or without a labelled pixel, are left out.

    Args:
        encoder: see `Features`.
        images: to read.
        class_maps: folder of `<sample_data_token>.png` with lidarseg's raw ids.
        size: (height, width) that each image is brought to.
        description: what stands before the progress bar.

    Raises:
        MissingFileError: if an image, its superpixels or its class map is not there.
        InputError: if one is damaged, or they do not fit together; names the file.
    """
    features, pixels = [], []
    count = images.num_superpixels
    for index in show_progress(iter(range(len(images))), len(images), 0, description):
        image, labels = images[index]
        height, width = labels.shape
        path = class_maps / f'{images.images[index].token}.png'
        classes = _read_classes(path, (height, width))
        counted = count_classes(labels, classes, count)
        resized = F.interpolate(image[None].float() / 255, size, mode='bilinear')
        maps = encoder(normalize(resized))
        means, members = pool_labelled_maps(maps, labels[None], count)
        kept = (members > 0) & (counted.sum(dim=1) > 0)
        features.append(means[kept])
        pixels.append(counted[kept])
    return PooledSuperpixels(torch.cat(features), torch.cat(pixels))


def count_classes(labels: Tensor, classes: Tensor, num_superpixels: int) -> Tensor:
    """Pixels of each class in each superpixel, float32 (num_superpixels, K).

    Args:
        labels: superpixel ids, int64 (H, W).
        classes: 0 to K - 1, or K for pixels that count nowhere, int64 (H, W).
        num_superpixels: every id lies below it.
    """
    cells = labels * (NUM_CLASSES + 1) + classes
    counted = torch.bincount(cells.flatten(), minlength=num_superpixels * (NUM_CLASSES + 1))
    return counted.view(num_superpixels, NUM_CLASSES + 1)[:, :NUM_CLASSES].float()


def fit_and_score(training: PooledSuperpixels, held_out: PooledSuperpixels) -> SegScores:
    """Fit softmax regression to the training superpixels; score the held-out ones' pixels.

    Features are standardised. A superpixel weighs as its number of labelled pixels, and those of a
    class as the inverse root of its share.
    """
    mean, std = training.features.mean(dim=0), training.features.std(dim=0) + STD_EPS
    weight, bias = _fit((training.features - mean) / std, training.pixels)
    predicted = (((held_out.features - mean) / std) @ weight + bias).argmax(dim=1)
    confusion = torch.zeros(NUM_CLASSES, NUM_CLASSES, dtype=torch.float64)
    confusion.index_add_(1, predicted, held_out.pixels.double().T)
    return SegScores.of(confusion.long().numpy())


def share_of_own_class(superpixels: PooledSuperpixels) -> tuple[float, float]:
    """How often a superpixel that ST-SLidR tolerates is of the same class, and any one is.

    The tolerated ones are those that the published loss, with its default 1 %, would take out of
    the negatives of a batch; here a batch is `BATCH_SUPERPIXELS` consecutive rows, not only those
    that a sweep's points fall into. A superpixel's class is that of most of its labelled pixels.

    Returns:
        Shares from 0 to 1: among the tolerated pairs (NaN if there are none), and among all
        pairs of a batch.
    """
    same_class, pairs = torch.zeros(2, 2, dtype=torch.float64)
    classes = superpixels.pixels.argmax(dim=1).split(BATCH_SUPERPIXELS)
    for own, features in zip(classes, superpixels.features.split(BATCH_SUPERPIXELS), strict=True):
        others = ~torch.eye(len(own), dtype=torch.bool)
        same = own[:, None] == own
        tolerated = ~quantile_weights(cosine_similarity(features))
        for place, chosen in enumerate((tolerated, others)):
            same_class[place] += (same & chosen).sum()
            pairs[place] += chosen.sum()
    among_tolerated, among_all = (same_class / pairs).tolist()
    return among_tolerated, among_all


def _fit(rows: Tensor, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Weight (C, K) and bias (K,) of softmax regression, by L-BFGS on all rows."""
    counts = pixels.sum(dim=0)
    targets = pixels * torch.where(counts > 0, counts.clamp(min=1) ** -0.5, 0)
    targets = targets / targets.sum()
    weight = torch.zeros(rows.shape[1], NUM_CLASSES, requires_grad=True)
    bias = torch.zeros(NUM_CLASSES, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=FIT_STEPS, line_search_fn='strong_wolfe')

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = -(targets * F.log_softmax(rows @ weight + bias, dim=1)).sum()
        loss = loss + RIDGE * weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return weight.detach(), bias.detach()


def _read_classes(path: Path, size: tuple[int, int]) -> Tensor:
    """The classes of an image's pixels, int64 (H, W)."""
    raw = read_labels(path)
    if raw.shape != size or raw.max() not in CLASS_OF_RAW:
        raise InputError(
            f'class map {path} has {raw.shape} pixels up to {raw.max()}, its image {size}, '
            f'lidarseg ids up to {max(CLASS_OF_RAW)}'
        )
    table = torch.tensor([CLASS_OF_RAW[number] for number in range(len(CLASS_OF_RAW))])
    return table[torch.from_numpy(raw.astype('int64'))]
