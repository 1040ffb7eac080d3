#!/usr/bin/env python
"""Say in numbers what pretraining meets in a data set, alone or beside another one.

Prints a Markdown table of means over samples: points, ranges, intensities, voxels, pairs,
superpixels, classes. Beside another data set, `!` marks what is not within 30 % of it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.dataset_records.record_modules import add_record_option, import_records  # noqa: E402
from stslidr.files.atomic import check_can_write  # noqa: E402
from stslidr.files.json_file import write_json  # noqa: E402
from stslidr.files.superpixel_maps import SuperpixelMaps  # noqa: E402
from stslidr.inspection.keyframe_files import list_keyframes  # noqa: E402
from stslidr.inspection.keyframe_statistics import Measures, describe_keyframes  # noqa: E402
from stslidr.inspection.statistics_table import statistics_as_json, statistics_table  # noqa: E402
from stslidr.tooling.arguments import named_path  # noqa: E402
from stslidr.tooling.run_tool import run_tool  # noqa: E402


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('infos', help='info file, as tools/create_data.py writes it')
    parser.add_argument('--root', required=True, help='folder of the data set')
    parser.add_argument('--superpixels', metavar='FOLDER', help='its superpixel folder')
    parser.add_argument('--against', metavar='INFOS', help='info file of another data set')
    parser.add_argument('--against-root', metavar='ROOT', help='its folder')
    parser.add_argument('--against-superpixels', metavar='FOLDER', help='its superpixel folder')
    parser.add_argument(
        '--samples', type=int, metavar='N', help='only so many of each, spread over the info file'
    )
    parser.add_argument(
        '--json', type=named_path, metavar='FILE', help='write the numbers to FILE as well'
    )
    add_record_option(parser)
    args = parser.parse_args()
    if bool(args.against) != bool(args.against_root):
        parser.error('--against and --against-root go together')
    if args.against_superpixels and not args.against:
        parser.error('--against-superpixels needs --against')
    if args.samples is not None and args.samples < 1:
        parser.error(f'--samples {args.samples}: at least 1 is needed')
    return args


def describe(infos: str, root: str, superpixels: str | None, samples: int | None) -> Measures:
    """Measure one data set."""
    keyframes = list_keyframes(infos, root)
    if samples is not None and samples < len(keyframes):
        positions = np.linspace(0, len(keyframes) - 1, samples).round().astype(int)
        keyframes = [keyframes[position] for position in positions]
    maps = None if superpixels is None else SuperpixelMaps(superpixels)
    return describe_keyframes(keyframes, maps)


def main() -> None:
    """Measure, print the table and write the numbers."""
    args = parse_args()
    import_records(args.record)
    if args.json:
        check_can_write(args.json)
    measures = describe(args.infos, args.root, args.superpixels, args.samples)
    against = None
    if args.against:
        against = describe(args.against, args.against_root, args.against_superpixels, args.samples)
    print(statistics_table(measures, against, (Path(args.infos).name, 'against')))
    if args.json:
        write_json(args.json, statistics_as_json(measures, against))


if __name__ == '__main__':
    run_tool(main)
