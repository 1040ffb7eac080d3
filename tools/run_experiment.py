#!/usr/bin/env python
"""Run a study: every method with every seed on every task, then one table; see docs/study.md.

``python tools/run_experiment.py studies/synthetic.yaml --out work_dirs/synthetic``. Run it again
to go on where it stopped.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')  # spinning threads slow spconv on a busy CPU
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.errors import UserError  # noqa: E402
from stslidr.tooling.arguments import named_path  # noqa: E402
from stslidr.tooling.run_tool import run_tool  # noqa: E402
from stslidr_studies.study.experiment import TABLES, Experiment  # noqa: E402


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('study', type=Path, help='study file, such as studies/synthetic.yaml')
    parser.add_argument('--out', type=named_path, required=True, help='results folder')
    parser.add_argument('--data-root', help="folder of the data, instead of the study's")
    parser.add_argument(
        '--processes',
        type=int,
        metavar='N',
        help='cells side by side (default: the usable CPUs; 1 where the study runs on GPUs)',
    )
    parser.add_argument(
        '--dry-run', action='store_true', help='check, print every command, and run nothing'
    )
    args = parser.parse_args()
    if args.processes is not None and args.processes < 1:
        parser.error(f'--processes {args.processes}: at least 1 is needed')
    return args


def main() -> None:
    """Run the study, print its tables, and fail if a cell has failed."""
    args = parse_args()
    experiment = Experiment(args.study, args.out, ROOT, args.data_root, args.processes)
    if args.dry_run:
        print('\n'.join(experiment.list_commands()))
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    failed = experiment.run()
    print(f'\n{(args.out / TABLES).read_text(encoding="utf-8")}')
    if failed:
        names = ', '.join(cell.name for cell in failed)
        raise UserError(
            f'{len(failed)} cells failed: {names}. Their logs say why; run the '
            'same command again to go on'
        )


def interrupt(*_: object) -> None:
    """End the study and what it has started; what is finished stays."""
    raise KeyboardInterrupt


if __name__ == '__main__':
    run_tool(main)
