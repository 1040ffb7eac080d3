"""Draw a keyframe: its images, its superpixels with the points paired to them, its sweep.

Writes OUT_images.jpg, OUT_pairs.jpg (points in the colours of their classes, or of their distance
where there are no labels) and, with labels, OUT_sweep.png, the sweep from above.
"""

from __future__ import annotations

import argparse

from stslidr.dataset_records.record_modules import import_records
from stslidr.errors import InputError
from stslidr.inspection.keyframe_options import add_keyframe_options, keyframes_of
from stslidr.tooling.arguments import named_path, whole_number
from stslidr.tooling.run_tool import run_tool


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


def main() -> None:
    """Draw and write."""
    args = parse_args()
    from stslidr.inspection.keyframe_pictures import write_pictures

    import_records(args.record)
    keyframes = keyframes_of(args)
    if args.index not in range(len(keyframes)):
        raise InputError(f'--index {args.index}: {args.infos} has {len(keyframes)} samples')
    for path in write_pictures(keyframes[args.index], args.superpixels, args.out, args.width):
        print(path)


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
