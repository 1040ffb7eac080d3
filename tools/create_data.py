#!/usr/bin/env python
"""Write info files and label splits: `create_data.py nuscenes|semantickitti --root ROOT ...`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.tooling.run_tool import run_tool  # noqa: E402


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line, `sys.argv` by default."""
    parser = argparse.ArgumentParser(
        description='Write info files (MMDetection3D v1.1 layout) and named label splits.'
    )
    datasets = parser.add_subparsers(dest='dataset', required=True)
    nuscenes = datasets.add_parser(
        'nuscenes',
        help='write nuscenes_infos_<split>.pkl and nuscenes_label_splits.json '
        'through nuscenes-devkit',
    )
    nuscenes.add_argument(
        '--version',
        required=True,
        help='version folder under ROOT: v1.0-trainval, v1.0-mini, v1.0-test, '
        'or any other that carries a splits.json',
    )
    nuscenes.add_argument(
        '--allow-partial',
        action='store_true',
        help='leave out samples whose files are not all on disk',
    )
    kitti = datasets.add_parser(
        'semantickitti',
        help='write semantickitti_infos_<split>.pkl and semantickitti_label_splits.json',
    )
    for dataset in (nuscenes, kitti):
        dataset.add_argument('--root', required=True, type=Path, help='folder of the data set')
        dataset.add_argument(
            '--out', type=Path, metavar='DIR', help='folder of the info files (default: ROOT)'
        )
    return parser.parse_args(arguments)


def main() -> None:
    """Write the files and say what was written."""
    options = parse_arguments()
    if options.dataset == 'nuscenes':
        from stslidr.preparation.nuscenes import create_nuscenes_infos

        print(f'reading the tables of {options.version}', flush=True)
        reports = create_nuscenes_infos(
            options.root, options.version, options.out, options.allow_partial
        )
    else:
        from stslidr.preparation.semantickitti import create_semantickitti_infos

        reports = create_semantickitti_infos(options.root, options.out)
    print(*reports, sep='\n')


if __name__ == '__main__':
    run_tool(main)
