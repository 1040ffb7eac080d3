#!/usr/bin/env python
"""Say in numbers what pretraining meets in a data set, alone or beside another one.

Prints a Markdown table of means over samples: points, ranges, intensities, voxels, pairs,
superpixels, classes. Beside another data set, `!` marks what is not within 30 % of it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.dataset_records.record_modules import import_records  # noqa: E402
from stslidr.files.atomic import check_can_write  # noqa: E402
from stslidr.files.json_file import write_json  # noqa: E402
from stslidr.files.superpixel_maps import SuperpixelMaps  # noqa: E402
from stslidr.inspection.keyframe_files import KeyframeFiles, list_keyframes  # noqa: E402
from stslidr.inspection.keyframe_options import (  # noqa: E402
    add_keyframe_options,
    add_samples_option,
    keyframes_of,
    spread,
)
from stslidr.inspection.keyframe_statistics import Measures, describe_keyframes  # noqa: E402
from stslidr.inspection.statistics_table import statistics_as_json, statistics_table  # noqa: E402
from stslidr.tooling.arguments import named_path  # noqa: E402
from stslidr.tooling.run_tool import run_tool  # noqa: E402


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_keyframe_options(parser)
    parser.add_argument('--superpixels', metavar='FOLDER', help='its superpixel folder')
    parser.add_argument('--against', metavar='INFOS', help='info file of another data set')
    parser.add_argument('--against-root', metavar='ROOT', help='its folder')
    parser.add_argument('--against-superpixels', metavar='FOLDER', help='its superpixel folder')
    add_samples_option(parser)
    parser.add_argument(
        '--json', type=named_path, metavar='FILE', help='write the numbers to FILE as well'
    )
    args = parser.parse_args()
    if bool(args.against) != bool(args.against_root):
        parser.error('--against and --against-root go together')
    if args.against_superpixels and not args.against:
        parser.error('--against-superpixels needs --against')
    return args


def describe(
    keyframes: list[KeyframeFiles], superpixels: str | None, samples: int | None
) -> Measures:
    """Measure one data set."""
    maps = None if superpixels is None else SuperpixelMaps(superpixels)
    return describe_keyframes(spread(keyframes, samples), maps)


def main() -> None:
    """Measure, print the table and write the numbers."""
    args = parse_args()
    import_records(args.record)
    if args.json:
        check_can_write(args.json)
    measures = describe(keyframes_of(args), args.superpixels, args.samples)
    against = None
    if args.against:
        others = list_keyframes(args.against, args.against_root)
        against = describe(others, args.against_superpixels, args.samples)
    print(statistics_table(measures, against, (Path(args.infos).name, 'against')))
    if args.json:
        write_json(args.json, statistics_as_json(measures, against))


if __name__ == '__main__':
    run_tool(main)
