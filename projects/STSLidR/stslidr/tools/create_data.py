"""Write info files and label splits: `create_data.py nuscenes|semantickitti --root ROOT ...`.

A further data set: `create_data.py --record MODULE|FILE.py NAME --root ROOT`, docs/extending.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from stslidr.dataset_records.record_modules import add_record_option, take_records
from stslidr.dataset_records.registry import RECORDS, find_record
from stslidr.tooling.arguments import named_path
from stslidr.tooling.run_tool import run_tool


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line, `sys.argv` by default; each record is a sub-command."""
    arguments = take_records(arguments)
    parser = argparse.ArgumentParser(
        description='Write info files (MMDetection3D v1.1 layout) and named label splits.'
    )
    add_record_option(parser)
    datasets = parser.add_subparsers(dest='dataset', required=True)
    for record in RECORDS.values():
        dataset = datasets.add_parser(record.name, help=record.help)
        record.add_options(dataset)
        dataset.add_argument('--root', required=True, type=Path, help='folder of the data set')
        dataset.add_argument(
            '--out', type=named_path, metavar='DIR', help='folder of the info files (default: ROOT)'
        )
    return parser.parse_args(arguments)


def main() -> None:
    """Write the files and say what was written."""
    options = parse_arguments()
    record = find_record(options.dataset)
    for report in record.prepare(options.root, options.out or options.root, options):
        print(report, flush=True)


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
