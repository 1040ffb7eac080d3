"""Say in numbers what pretraining meets in a data set, alone or beside another one.

Prints a Markdown table of means over samples: points, ranges, intensities, voxels, pairs,
superpixels, classes. Beside another data set, `!` marks what is not within 30 % of it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from stslidr.dataset_records.record_modules import import_records
from stslidr.inspection.keyframe_options import (
    add_keyframe_options,
    add_samples_option,
    keyframes_of,
    spread,
)
from stslidr.tooling.arguments import named_path
from stslidr.tooling.run_tool import run_tool


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


def main() -> None:
    """Measure, print the table and write the numbers."""
    args = parse_args()
    from stslidr.files.atomic import check_can_write
    from stslidr.files.json_file import write_json
    from stslidr.files.superpixel_maps import SuperpixelMaps
    from stslidr.inspection.keyframe_files import KeyframeFiles, list_keyframes
    from stslidr.inspection.keyframe_statistics import Measures, describe_keyframes
    from stslidr.inspection.statistics_table import statistics_as_json, statistics_table

    import_records(args.record)
    if args.json:
        check_can_write(args.json)

    def describe(keyframes: list[KeyframeFiles], superpixels: str | None) -> Measures:
        maps = None if superpixels is None else SuperpixelMaps(superpixels)
        return describe_keyframes(spread(keyframes, args.samples), maps)

    measures = describe(keyframes_of(args), args.superpixels)
    against = None
    if args.against:
        others = list_keyframes(args.against, args.against_root)
        against = describe(others, args.against_superpixels)
    print(statistics_table(measures, against, (Path(args.infos).name, 'against')))
    if args.json:
        write_json(args.json, statistics_as_json(measures, against))


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
