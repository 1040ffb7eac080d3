"""Options of the tools that look at keyframes: which, and where their files lie."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

import numpy as np

from stslidr.dataset_records.record_modules import add_record_option
from stslidr.tooling.arguments import parse_pairs, whole_number

if TYPE_CHECKING:
    from stslidr.inspection.keyframe_files import KeyframeFiles

MOST_SAMPLES = 2**31


def add_keyframe_options(parser: argparse.ArgumentParser) -> None:
    """Add the info file and what says where its files lie."""
    parser.add_argument('infos', help='info file, as tools/create_data.py writes it')
    parser.add_argument('--root', required=True, help='folder of the data set')
    parser.add_argument(
        '--data-prefix',
        nargs='+',
        default=[],
        metavar='SENSOR=FOLDER',
        help="folder of a sensor's files below ROOT, as a config's data_prefix: pts for sweeps, "
        'pts_semantic_mask for labels, cameras by name (default: those of the data set)',
    )
    parser.add_argument(
        '--intensity-scale',
        type=_scale,
        default=1.0,
        metavar='FACTOR',
        help='factor on the intensity, as in the config',
    )
    add_record_option(parser)


def add_samples_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--samples N``."""
    parser.add_argument(
        '--samples',
        type=whole_number(range(1, MOST_SAMPLES)),
        metavar='N',
        help='only so many, spread over the info file',
    )


def keyframes_of(args: argparse.Namespace) -> list[KeyframeFiles]:
    """The samples that the options name.

    Raises:
        InputError: an entry of ``--data-prefix`` has no ``=``; others as in `list_keyframes`.
    """
    from stslidr.inspection.keyframe_files import list_keyframes  # after --help

    prefixes = parse_pairs('--data-prefix', 'SENSOR=FOLDER', args.data_prefix)
    return list_keyframes(args.infos, args.root, prefixes, args.intensity_scale)


def spread(keyframes: list[KeyframeFiles], number: int | None) -> list[KeyframeFiles]:
    """So many of them, spread evenly; None: all."""
    if number is None or number >= len(keyframes):
        return keyframes
    positions = np.linspace(0, len(keyframes) - 1, number).round().astype(int)
    return [keyframes[position] for position in positions]


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} is no number') from None
    if not math.isfinite(scale) or scale == 0:
        raise argparse.ArgumentTypeError(f'{text} is 0 or not finite')
    return scale
