"""Make the superpixels of a data set's camera images: OUT/<sample_data_token>.png and a manifest.

Run it again to go on where it stopped: maps that are there are kept.
"""

from __future__ import annotations

import argparse
import ast
from pathlib import Path
from typing import Any

from stslidr.dataset_records.record_modules import add_record_option, import_records
from stslidr.files.shipped import shipped_root
from stslidr.preparation.superpixel_methods import METHODS, PUBLISHED_SEGMENTS, build_generator
from stslidr.tooling.arguments import named_path, parse_pairs
from stslidr.tooling.processes import parse_shard, usable_cpus
from stslidr.tooling.run_tool import run_tool

SHIPPED_PIPELINE = Path('configs', '_base_', 'datasets', 'nuscenes_pretrain.py')
"""Says how many superpixels an image may have in all shipped configs."""


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('infos', help='info file, as tools/create_data.py writes it')
    parser.add_argument('--root', required=True, help='folder of the data set')
    parser.add_argument('--out', type=named_path, required=True, help='superpixel folder')
    parser.add_argument(
        '--data-prefix',
        nargs='+',
        default=[],
        metavar='CAM=FOLDER',
        help='folder under ROOT with the images of camera CAM. Without: an image lies at its path '
        'under ROOT if there is such a file, else in ROOT/samples/<camera name>, '
        'or where the record of a further data set says',
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
        '--method',
        type=method_name,
        default='slic',
        metavar='NAME',
        help=f'{", ".join(METHODS)}, or a SuperpixelGenerator of your own as package.module:Name, '
        'see docs/extending.md (default: %(default)s)',
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
    add_record_option(parser)
    parser.add_argument(
        '--method-options',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help="the method's further settings",
    )
    args = parser.parse_args()
    if args.workers < 1:
        parser.error(f'--workers {args.workers}: at least 1 is needed')
    if args.adopt and (args.shard, args.segments, args.method_options) != (None, None, []):
        parser.error('--adopt makes no maps: leave out --shard, --segments and --method-options')
    return args


def method_name(text: str) -> str:
    """Return the name of a method, which is known or names a module."""
    if text not in METHODS and ':' not in text:
        raise argparse.ArgumentTypeError(
            f'invalid choice: {text!r} (choose from {", ".join(METHODS)}, or package.module:Name)'
        )
    return text


def parse_value(text: str) -> Any:
    """Return a Python literal as its value, anything else as text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def method_settings(args: argparse.Namespace) -> dict[str, Any]:
    """Return the keyword arguments of the method that the command line gives."""
    pairs = parse_pairs('--method-options', 'KEY=VALUE', args.method_options)
    settings = {key: parse_value(value) for key, value in pairs.items()}
    return settings if args.segments is None else {**settings, 'n_segments': args.segments}


def configured_superpixels() -> int:
    """Return num_superpixels in the shipped configs."""
    from mmengine.config import Config

    (step,) = (
        step
        for step in Config.fromfile(shipped_root() / SHIPPED_PIPELINE).train_pipeline
        if step.type == 'LoadSuperpixels'
    )
    return step.num_superpixels


def too_many_ids(needed: int, configured: int) -> str:
    """Warn that the shipped configs have too few slots, with the options that set enough."""
    options = ' '.join(
        f'{loader}.dataset.pipeline.LoadSuperpixels.num_superpixels={needed}'
        for loader in ('train_dataloader', 'val_dataloader')
    )
    return (
        f'warning: the shipped configs have num_superpixels={configured}, which is too '
        f'few for these maps. Train with\n  --cfg-options {options}'
    )


def main() -> None:
    """Make the maps, or adopt them, and say what is in the folder."""
    args = parse_args()
    from stslidr.dataset_records.registry import image_folders
    from stslidr.preparation import superpixel_folder
    from stslidr.preparation.camera_images import find_images

    shard = parse_shard(args.shard or '0/1')
    prefixes = parse_pairs('--data-prefix', 'CAM=FOLDER', args.data_prefix)
    import_records(args.record)
    images = find_images(args.infos, args.root, prefixes, image_folders())
    if args.adopt:
        manifest = superpixel_folder.adopt_maps(images, args.out, args.workers)
    else:
        generator = build_generator(args.method, method_settings(args))
        made = superpixel_folder.create_maps(images, args.out, generator, shard, args.workers)
        if made is None:
            print(f'shard {args.shard} is ready; the last shard to end completes the manifest')
            return
        manifest = made
    print(
        f'{args.out}: {manifest.num_maps} maps, highest id {manifest.highest_id}; training '
        f'needs num_superpixels of at least {manifest.highest_id + 1}'
    )
    if manifest.highest_id >= (configured := configured_superpixels()):
        print(too_many_ids(manifest.highest_id + 1, configured))


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
