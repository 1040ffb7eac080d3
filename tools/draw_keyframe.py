#!/usr/bin/env python
"""Draw a keyframe: its images, its superpixels with the points paired to them, its sweep.

Writes OUT_images.jpg, OUT_pairs.jpg (points in the colours of their classes, or of their distance
where there are no labels) and, with labels, OUT_sweep.png, the sweep from above.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

from stslidr.dataset_records.record_modules import import_records  # noqa: E402
from stslidr.errors import InputError  # noqa: E402
from stslidr.files.atomic import write_bytes  # noqa: E402
from stslidr.files.superpixel_maps import SuperpixelMaps  # noqa: E402
from stslidr.inspection.birds_eye import draw_birds_eye, write_birds_eye  # noqa: E402
from stslidr.inspection.camera_sheet import (  # noqa: E402
    clockwise,
    columns_of,
    distance_colours,
    draw_borders,
    draw_points,
    tile,
)
from stslidr.inspection.keyframe_files import pair_cameras  # noqa: E402
from stslidr.inspection.keyframe_options import add_keyframe_options, keyframes_of  # noqa: E402
from stslidr.tooling.arguments import named_path, whole_number  # noqa: E402
from stslidr.tooling.run_tool import run_tool  # noqa: E402

QUALITY = 85


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_keyframe_options(parser)
    parser.add_argument('--superpixels', required=True, help='superpixel folder')
    parser.add_argument('--index', type=int, default=0, help='of the sample (default: the first)')
    parser.add_argument(
        '--out', type=named_path, required=True, help='beginning of the names of the pictures'
    )
    parser.add_argument(
        '--width',
        type=whole_number(range(3, 2**15)),
        default=1500,
        help='pixels of the camera sheets',
    )
    return parser.parse_args()


def write_jpeg(path: str, image: np.ndarray) -> None:
    """Write an image atomically."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, 'jpeg', quality=QUALITY)
    write_bytes(path, stream.getvalue())
    print(path)


def main() -> None:
    """Draw and write."""
    args = parse_args()
    import_records(args.record)
    keyframes = keyframes_of(args)
    if args.index not in range(len(keyframes)):
        raise InputError(f'--index {args.index}: {args.infos} has {len(keyframes)} samples')
    keyframe = keyframes[args.index]
    sweep = keyframe.read_sweep()
    classes = keyframe.read_classes(len(sweep))
    cameras = keyframe.cameras()
    cameras = [cameras[number] for number in clockwise([camera.name for camera in cameras])]
    if not cameras:
        raise InputError(f'{args.infos}: the sample has no camera')
    colours = distance_colours(sweep)
    record = keyframe.record
    if classes is not None and record is not None:
        palette = record.palette
        colours = np.array([*palette, (128, 128, 128)], dtype=np.uint8)[classes]
    images = [camera.read() for camera in cameras]
    maps = SuperpixelMaps(args.superpixels)
    pairs = pair_cameras(sweep, cameras)
    drawn = []
    for number, (camera, image) in enumerate(zip(cameras, images, strict=True)):
        own = pairs.images == number
        superpixels = maps.load(camera.token, camera.size, maps.manifest.highest_id + 1)
        drawn.append(
            draw_points(
                draw_borders(image, superpixels), pairs.pixels[own], colours[pairs.points[own]]
            )
        )
    columns = columns_of(len(images))
    write_jpeg(f'{args.out}_images.jpg', tile(images, columns, args.width))
    write_jpeg(f'{args.out}_pairs.jpg', tile(drawn, columns, args.width))
    if classes is not None and record is not None:
        path = f'{args.out}_sweep.png'
        write_birds_eye(
            path, draw_birds_eye(sweep, classes, record.classes, palette, 'the sweep from above')
        )
        print(path)


if __name__ == '__main__':
    run_tool(main)
