"""What only the content of files tells: whether it is what it is taken for.

Each rule compares the content with a copy of itself that cannot be right, so that it needs no
threshold of the data set's own. The numbers beside the limits are those of the real nuScenes
keyframe and of 20 scans of SemanticKITTI.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ONE_COLOUR = 2.0
"""Standard deviation of the channels, of 255, below which an image shows nothing; a lens cap has
noise of about 1."""
STRIDE = 2
LEAST_SHARE = 0.05
"""Share of an image's variance that superpixels explain, below which it has no areas to find."""
MIRRORED = 0.8
"""What superpixels leave unexplained, as a share of what they leave when mirrored: 0.3 to 0.5 with
the image's own, about 1 with those of another image."""
REVERSED = 0.5
"""How often neighbours differ in class, as a share of how often they do with the labels in reverse
order: 0.1 to 0.25 with the sweep's own, about 1 with those of another sweep."""
CELL = 0.5
"""Metres: points in a cell of this edge are neighbours."""
FEWEST = 1000
"""Neighbours below which labels are not judged."""
CENTRE_X, CENTRE_Y = (0.3, 0.7), (0.2, 0.8)
"""Where in an image the optical axis hits it; with intrinsics of half or double the size, it is at
0.25 or 1."""
FOCAL = (0.1, 20.0)
"""Focal lengths in widths of the image: views of 157 to 3 degrees."""
ASPECT = (0.5, 2.0)


def is_one_colour(image: NDArray[np.uint8]) -> bool:
    """Whether an image (H, W, 3) shows nothing."""
    return bool(image[::STRIDE, ::STRIDE].std(axis=(0, 1)).max() < ONE_COLOUR)


def fits_another_image(image: NDArray[np.uint8], superpixels: NDArray[np.integer]) -> bool:
    """Whether superpixels (H, W) fit an image (H, W, 3) no better than they do when mirrored."""
    pixels = image[::STRIDE, ::STRIDE].astype(np.float64)
    labels = superpixels[::STRIDE, ::STRIDE]
    own, mirrored = (explained_share(pixels, each) for each in (labels, labels[:, ::-1]))
    return max(own, mirrored) >= LEAST_SHARE and 1 - own > MIRRORED * (1 - mirrored)


def explained_share(pixels: NDArray[np.float64], labels: NDArray[np.integer]) -> float:
    """Share of the variance of pixels (H, W, 3) that the means of the labels (H, W) explain.

    0 of an image of one colour.
    """
    flat = labels.ravel()
    counts = np.bincount(flat)
    there = counts > 0
    total = between = 0.0
    for channel in range(pixels.shape[2]):
        values = pixels[..., channel].ravel()
        values = values - values.mean()
        sums = np.bincount(flat, values)
        between += float((sums[there] ** 2 / counts[there]).sum())
        total += float((values**2).sum())
    return between / total if total else 0.0


def fits_another_sweep(points: NDArray[np.float32], classes: NDArray[np.integer]) -> bool:
    """Whether classes (N,) fit points (N, 3 or more) no better than in reverse order."""
    order, same_cell = _neighbours(points)
    if np.count_nonzero(same_cell) < FEWEST:
        return False
    own, reverse = (
        float((labels[order][1:] != labels[order][:-1])[same_cell].mean())
        for labels in (classes, classes[::-1])
    )
    return own > REVERSED * reverse


def _neighbours(points: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """An order (N,) of the points, and which of its steps (N - 1,) stay in a cell."""
    cells = np.floor(points[:, :3].astype(np.float64) / CELL).astype(np.int64)
    order = np.lexsort(cells.T)
    ordered = cells[order]
    return order, (ordered[1:] == ordered[:-1]).all(axis=1)


def odd_intrinsics(cam2img: NDArray[np.float64], size: tuple[int, int]) -> str | None:
    """What no camera of an image of this size has; None if all is plausible.

    Args:
        cam2img: (3, 3), pixels.
        size: (height, width), pixels.
    """
    height, width = size
    (fx, fy), (cx, cy) = np.diag(cam2img)[:2].tolist(), cam2img[:2, 2].tolist()
    if not (_within(cx / width, CENTRE_X) and _within(cy / height, CENTRE_Y)):
        return (
            f'the optical axis hits the image of {width} x {height} (width x height) at '
            f'({cx:.0f}, {cy:.0f}): are these the intrinsics of an image of another size?'
        )
    if not (_within(fx / width, FOCAL) and _within(fx / fy, ASPECT)):
        return f'focal lengths of {fx:.0f} and {fy:.0f} pixels in an image {width} pixels wide'
    return None


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
