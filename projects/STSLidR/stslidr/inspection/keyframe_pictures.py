"""Pictures of one keyframe: its cameras' images, pairs and superpixels on them, the sweep."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image

from stslidr.errors import InputError
from stslidr.files.atomic import write_bytes
from stslidr.files.superpixel_maps import SuperpixelMaps
from stslidr.inspection.birds_eye import draw_birds_eye, write_birds_eye
from stslidr.inspection.camera_sheet import (
    clockwise,
    columns_of,
    distance_colours,
    draw_borders,
    draw_points,
    tile,
)
from stslidr.inspection.keyframe_files import KeyframeFiles, pair_cameras

QUALITY = 85
NO_CLASS = (128, 128, 128)


def write_pictures(
    keyframe: KeyframeFiles, superpixels: str, out: str, width: int
) -> Iterator[str]:
    """Write the sheets of all cameras, and the sweep from above where it has labels.

    Args:
        keyframe: the sample.
        superpixels: folder of its superpixel maps.
        out: beginning of the names of the files.
        width: pixels of the sheets.

    Yields:
        The path of each file that is written.

    Raises:
        InputError: the sample has no camera, or one of its files is damaged.
        MissingFileError: one is not there.
    """
    sweep = keyframe.read_sweep()
    classes = keyframe.read_classes(len(sweep))
    cameras = keyframe.cameras()
    cameras = [cameras[number] for number in clockwise([camera.name for camera in cameras])]
    if not cameras:
        raise InputError(f'{keyframe.sweep_path}: the sample has no camera')
    colours = distance_colours(sweep)
    record = keyframe.record
    if classes is not None and record is not None:
        colours = np.array([*record.palette, NO_CLASS], dtype=np.uint8)[classes]
    images = [camera.read() for camera in cameras]
    maps = SuperpixelMaps(superpixels)
    pairs = pair_cameras(sweep, cameras)
    drawn = []
    for number, (camera, image) in enumerate(zip(cameras, images, strict=True)):
        if camera.token is None:
            raise InputError(
                f'{camera.path}: the info file has no sample_data_token of it, by which its '
                'superpixel map is named'
            )
        own = pairs.images == number
        borders = maps.load(camera.token, camera.size, maps.manifest.highest_id + 1)
        drawn.append(
            draw_points(draw_borders(image, borders), pairs.pixels[own], colours[pairs.points[own]])
        )
    columns = columns_of(len(images))
    yield _write_jpeg(f'{out}_images.jpg', tile(images, columns, width))
    yield _write_jpeg(f'{out}_pairs.jpg', tile(drawn, columns, width))
    if classes is not None and record is not None:
        path = f'{out}_sweep.png'
        title = 'the sweep from above'
        write_birds_eye(path, draw_birds_eye(sweep, classes, record.classes, record.palette, title))
        yield path


def _write_jpeg(path: str, image: np.ndarray) -> str:
    """Write an image whole, or not at all."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, 'jpeg', quality=QUALITY)
    write_bytes(path, stream.getvalue())
    return path
