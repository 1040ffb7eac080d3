#!/usr/bin/env python
"""Make the superpixels of a data set's camera images: OUT/<sample_data_token>.png and a manifest.

Run it again to go on where it stopped: maps that are there are kept.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.errors import InputError  # noqa: E402
from stslidr.files.superpixel_manifest import SuperpixelManifest  # noqa: E402
from stslidr.preparation import superpixel_folder  # noqa: E402
from stslidr.preparation.camera_images import find_images  # noqa: E402
from stslidr.preparation.superpixels import METHODS, PUBLISHED_SEGMENTS  # noqa: E402
from stslidr.tooling.processes import parse_shard, usable_cpus  # noqa: E402
from stslidr.tooling.run_tool import run_tool  # noqa: E402

CONFIGURED_SUPERPIXELS = 150
"""num_superpixels in the shipped configs' pipelines, where LoadSuperpixels stands at index 2."""


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('infos', help='info file, as tools/create_data.py writes it')
    parser.add_argument('--root', required=True, help='folder of the data set')
    parser.add_argument('--out', required=True, help='superpixel folder')
    parser.add_argument(
        '--data-prefix',
        nargs='+',
        default=[],
        metavar='CAM=FOLDER',
        help='folder under ROOT with the images of camera CAM. Without: an image lies at its path '
        'under ROOT if there is such a file, else in ROOT/samples/<camera name>',
    )
    parser.add_argument(
        '--workers',
        type=int,
        default=usable_cpus(),
        help='processes, each with one thread; slic takes about 0.3 GB in each for 1600x900 '
        'images (default: the %(default)s usable CPUs)',
    )
    parser.add_argument(
        '--shard',
        metavar='I/N',
        help='make only every N-th map, from the I-th on. Shards may run at the same time, on '
        'several machines, with one OUT; I counts from 0, or from 1: N/N is the same as 0/N',
    )
    making = parser.add_mutually_exclusive_group()
    making.add_argument(
        '--method', choices=sorted(METHODS), default='slic', help='default: %(default)s'
    )
    making.add_argument(
        '--adopt',
        action='store_true',
        help='make no maps: check that those of INFOS are in OUT, of the right sizes, and write a '
        'manifest, so that maps made elsewhere can be used',
    )
    parser.add_argument(
        '--segments',
        type=int,
        metavar='N',
        help=f'superpixels an image, about (default: {PUBLISHED_SEGMENTS}, as published)',
    )
    args = parser.parse_args()
    if args.workers < 1:
        parser.error(f'--workers {args.workers}: at least 1 is needed')
    if args.adopt and (args.shard, args.segments) != (None, None):
        parser.error('--adopt makes no maps: leave out --shard and --segments')
    return args


def parse_prefixes(entries: list[str]) -> dict[str, str]:
    """Parse `CAM=FOLDER` entries to camera name -> folder.

    Raises:
        InputError: if an entry has no `=`.
    """
    for entry in entries:
        if '=' not in entry:
            raise InputError(f'--data-prefix {entry!r} is not of the form CAM=FOLDER')
    return dict(entry.split('=', 1) for entry in entries)


def too_many_ids(needed: int) -> str:
    """Warn that the shipped configs have too few slots, with the options that set enough."""
    options = ' '.join(
        f'{loader}.dataset.pipeline.2.num_superpixels={needed}'
        for loader in ('train_dataloader', 'val_dataloader')
    )
    return (
        f'warning: the shipped configs have num_superpixels={CONFIGURED_SUPERPIXELS}, which is too '
        f'few for these maps. Train with\n  --cfg-options {options}'
    )


def main() -> None:
    """Make the maps, or adopt them, and say what is in the folder."""
    args = parse_args()
    shard = parse_shard(args.shard or '0/1')
    prefixes = parse_prefixes(args.data_prefix)
    images = find_images(args.infos, args.root, prefixes)
    if args.adopt:
        manifest: SuperpixelManifest | None = superpixel_folder.adopt_maps(
            images, args.out, args.workers
        )
    else:
        segments = PUBLISHED_SEGMENTS if args.segments is None else args.segments
        generator = METHODS[args.method](segments)
        manifest = superpixel_folder.create_maps(images, args.out, generator, shard, args.workers)
    if manifest is None:
        print(f'shard {args.shard} is ready; the last shard to end completes the manifest')
    else:
        print(
            f'{args.out}: {manifest.num_maps} maps, highest id {manifest.highest_id}; training '
            f'needs num_superpixels of at least {manifest.highest_id + 1}'
        )
        if manifest.highest_id >= CONFIGURED_SUPERPIXELS:
            print(too_many_ids(manifest.highest_id + 1))


if __name__ == '__main__':
    run_tool(main)
