"""Camera images side by side, with superpixel borders and paired points drawn in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from stslidr.errors import InputError

AROUND = (
    'CAM_FRONT_LEFT',
    'CAM_FRONT',
    'CAM_FRONT_RIGHT',
    'CAM_BACK_RIGHT',
    'CAM_BACK',
    'CAM_BACK_LEFT',
)
"""nuScenes' cameras clockwise; others follow in their own order."""
FAR = 40.0  # metres: the last colour of the distances
DIMMED = 0.45
BORDER_COLOUR = (255, 255, 255)
POINT_WIDTH = 1 / 200
"""Side of a drawn point in widths of the image, at most."""
COVERED = 0.25
"""Share of an image that drawn points may cover."""
COLUMNS = 3


def clockwise(names: Sequence[str]) -> list[int]:
    """The order in which cameras are shown: indices into `names`, nuScenes' first, clockwise."""
    places = [AROUND.index(name) if name in AROUND else len(AROUND) for name in names]
    return sorted(range(len(names)), key=places.__getitem__)


def columns_of(num_images: int) -> int:
    """How many images stand in a row of a sheet: three, or as many as leave less of it empty."""
    return 2 if num_images == 4 else min(num_images, COLUMNS)


def distance_colours(points: np.ndarray) -> np.ndarray:
    """Colours of points by distance: red near by, blue from `FAR` on.

    Args:
        points: (N, 3) or wider, x, y, z in metres.

    Returns:
        uint8 (N, 3).
    """
    share = np.clip(np.linalg.norm(points[:, :3], axis=1) / FAR, 0, 1)[:, None]
    return ((1 - share) * (255, 80, 40) + share * (40, 120, 255)).astype(np.uint8)


def draw_borders(image: np.ndarray, superpixels: np.ndarray) -> np.ndarray:
    """Dim an image and draw the borders between its superpixels.

    Args:
        image: uint8 (H, W, 3).
        superpixels: integers (H, W).

    Raises:
        InputError: if the map has another size than the image.
    """
    if superpixels.shape != image.shape[:2]:
        raise InputError(f'superpixels {superpixels.shape} for an image {image.shape[:2]}')
    border = np.zeros(superpixels.shape, dtype=bool)
    border[:, 1:] |= superpixels[:, 1:] != superpixels[:, :-1]
    border[1:] |= superpixels[1:] != superpixels[:-1]
    drawn = (image * DIMMED).astype(np.uint8)
    drawn[border] = BORDER_COLOUR
    return drawn


def draw_points(
    image: np.ndarray, pixels: np.ndarray, colours: np.ndarray, width: float | None = None
) -> np.ndarray:
    """Draw a small square at each pixel; later ones cover earlier ones.

    Args:
        image: uint8 (H, W, 3).
        pixels: integers (P, 2), row and column inside the image.
        colours: uint8 (P, 3).
        width: side of a square in widths of the image; None: `POINT_WIDTH`, and less where so many
            would cover more than `COVERED` of the image.
    """
    drawn = image.copy()
    if width is None:
        share = COVERED * image.shape[0] / image.shape[1]  # of a square as wide as the image
        width = min(POINT_WIDTH, np.sqrt(share / max(len(pixels), 1)))
    reach = round(image.shape[1] * width / 2)
    steps = np.arange(-reach, reach + 1)
    square = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    covered = np.clip(pixels[:, None] + square, 0, np.array(image.shape[:2]) - 1)
    # point by point: of several values for one pixel, numpy keeps the last
    drawn[tuple(covered.reshape(-1, 2).T)] = np.repeat(colours, len(square), axis=0)
    return drawn


def tile(images: Sequence[np.ndarray], columns: int, width: int) -> np.ndarray:
    """Lay images out in rows, each scaled to one size.

    Args:
        images: uint8 (H, W, 3) each; the first one's aspect ratio is that of all tiles.
        columns: images in a row.
        width: of the whole sheet, pixels.

    Returns:
        uint8 (rows * tile height, columns * tile width, 3); missing tiles are black.
    """
    tile_width = width // columns
    tile_height = round(tile_width * images[0].shape[0] / images[0].shape[1])
    sheet = np.zeros((-(-len(images) // columns) * tile_height, columns * tile_width, 3), np.uint8)
    for number, image in enumerate(images):
        row, column = divmod(number, columns)
        scaled = Image.fromarray(image).resize((tile_width, tile_height), Image.Resampling.LANCZOS)
        sheet[
            row * tile_height : (row + 1) * tile_height,
            column * tile_width : (column + 1) * tile_width,
        ] = np.asarray(scaled)
    return sheet
