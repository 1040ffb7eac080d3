"""Run a study: every method with every seed on every task, then one table; see docs/study.md.

``python tools/run_experiment.py studies/synthetic.yaml --out work_dirs/synthetic``. Run it again
to go on where it stopped.
"""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

from stslidr.errors import UserError
from stslidr.tooling.arguments import named_path
from stslidr.tooling.run_tool import run_tool


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
    from stslidr.files.shipped import find_shipped, shipped_root
    from stslidr_studies.study.experiment import TABLES, Experiment

    study = find_shipped('studies', args.study, '.yaml')
    experiment = Experiment(study, args.out, shipped_root(), args.data_root, args.processes)
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


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
