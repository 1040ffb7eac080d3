"""Measure how well classes can be told from single pixels' colours and single points' values.

Classifiers learn on the scenes of TRAINING and are scored on those of HELD_OUT, info files of
nuScenes or of a data set in its format with lidarseg labels. Prints points and IoU of each class,
and the mIoU of each classifier, in percent.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from stslidr.tooling.arguments import SEEDS, named_path, whole_number
from stslidr.tooling.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('training', help='info file of the training scenes')
    parser.add_argument('held_out', help='info file of the held-out scenes')
    parser.add_argument('--root', required=True, help='folder of the data set')
    parser.add_argument(
        '--class-maps',
        type=Path,
        metavar='FOLDER',
        help="take pixels' classes from FOLDER/<sample_data_token>.png, not from "
        'the points that fall on them',
    )
    parser.add_argument(
        '--rows',
        type=int,
        default=10_000,
        metavar='N',
        help='pixels, and points, to draw of each class (default: %(default)s)',
    )
    parser.add_argument(
        '--seed', type=whole_number(SEEDS), default=0, help='of the draws (default: %(default)s)'
    )
    parser.add_argument(
        '--json', type=named_path, metavar='FILE', help='write the numbers to FILE as well'
    )
    args = parser.parse_args()
    if args.rows < 1:
        parser.error(f'--rows {args.rows}: at least 1 is needed')
    return args


def main() -> None:
    """Draw, train, score and report."""
    args = parse_args()
    from stslidr.files.atomic import check_can_write
    from stslidr.files.json_file import write_json
    from stslidr.inspection.keyframe_files import list_keyframes
    from stslidr_studies.separability.separability import (
        ReadColoursOfMaps,
        measure_separability,
        read_colours_at_points,
        read_point_values,
        sample_rows,
    )
    from stslidr_studies.separability.separability_report import (
        markdown_report,
        separability_as_json,
    )

    if args.json:
        check_can_write(args.json)
    scenes = {
        'training': list_keyframes(args.training, args.root),
        'held-out': list_keyframes(args.held_out, args.root),
    }
    read_colours = ReadColoursOfMaps(args.class_maps) if args.class_maps else read_colours_at_points
    found, points = {}, {}
    for seen, read in (('colour', read_colours), ('intensity and height', read_point_values)):
        rows = {
            name: sample_rows(keyframes, read, args.rows, args.seed, f'{name} scenes, {seen}')
            for name, keyframes in scenes.items()
        }
        found[seen] = measure_separability(rows['training'], rows['held-out'], args.seed)
        points = rows  # those of the sweeps come last
    report = points['training'], points['held-out'], found
    print(markdown_report(*report))
    if args.json:
        write_json(args.json, separability_as_json(*report))


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
