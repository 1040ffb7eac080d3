"""Time parts of a pretraining beside the published formulation of each: docs/benchmarks.md.

``python tools/benchmark.py [PART ...]`` for all parts, or some: loss, pixel-means, pairing,
info-file. ``python tools/benchmark.py step --config CONFIG`` times one whole iteration of a config
by its parts, without anything beside it.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stslidr.tooling.arguments import named_path, whole_number
from stslidr.tooling.processes import THREAD_VARIABLES
from stslidr.tooling.run_options import add_config_options
from stslidr.tooling.run_tool import run_tool
from stslidr_studies.benchmark.parts import PLACES

if TYPE_CHECKING:
    from stslidr_studies.benchmark.measuring import Measured

STEP = 'step'
PARTS = tuple(PLACES)
ROUNDS = range(1, 1001)


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('parts', nargs='*', metavar='PART', help=f'{", ".join(PARTS)}, or {STEP}')
    parser.add_argument('--device', choices=['cpu', 'cuda'], default='cpu', help='where to run')
    parser.add_argument(
        '--threads',
        type=whole_number(range(1, 1025)),
        default=1,
        help='of PyTorch and numpy (default: 1)',
    )
    parser.add_argument(
        '--rounds',
        type=whole_number(ROUNDS),
        default=5,
        help='calls of each side, after one to warm up; iterations of step (default: 5)',
    )
    parser.add_argument('--quick', action='store_true', help='leave out memory and growth')
    parser.add_argument('--json', type=named_path, metavar='FILE', help='write all numbers too')
    parser.add_argument('--page', type=named_path, metavar='FILE.md', help='write the page too')
    parser.add_argument('--config', help='of step: a pretraining config, or a shipped one by name')
    parser.add_argument('--data-root', help="of step: folder of the data, instead of the config's")
    add_config_options(parser)
    args = parser.parse_args()
    if unknown := [part for part in args.parts if part not in (*PARTS, STEP)]:
        parser.error(f'{unknown[0]!r} is no part; there are {", ".join(PARTS)}, and {STEP}')
    if (STEP in args.parts) != (args.config is not None):
        parser.error(f'{STEP} and --config go together')
    if STEP in args.parts and (len(args.parts) > 1 or args.json or args.page):
        parser.error(f'{STEP} goes with no other part, and with neither --json nor --page')
    return args


def time_step(args: argparse.Namespace) -> None:
    """Run some iterations on the first keyframe of a config and print the medians."""
    import torch

    from stslidr.running.command_line import read_config
    from stslidr_studies.step_timing.step_timer import StepTimer

    args.local_rank, args.work_dir = 0, None
    timer = StepTimer(read_config(args), args.device)
    for epoch in range(args.rounds + 1):
        timer.iterate(epoch)
        print(f'iteration {epoch} of {args.rounds}', file=sys.stderr, flush=True)
    threads = torch.get_num_threads()
    print(f'{args.device}, {threads} threads, {args.rounds} iterations, medians\n')
    print(timer.table())


def compare(args: argparse.Namespace) -> None:
    """Measure the parts, print the tables, and write the files."""
    from stslidr.files.atomic import check_can_write, write_bytes
    from stslidr.files.json_file import write_json
    from stslidr_studies.benchmark.benchmark_page import as_json, whole_page
    from stslidr_studies.benchmark.measuring import measure
    from stslidr_studies.benchmark.parts import find_part

    for path in (args.json, args.page):
        if path:
            check_can_write(path)
    parts = [find_part(name) for name in args.parts or PARTS]
    parts = [part for part in parts if args.device in part.devices]
    measured: dict[str, Measured] = {}
    growth: dict[str, list[Measured]] = {}
    for part in parts:
        print(f'{part.name}: {part.size:,} {part.unit}', file=sys.stderr, flush=True)
        one = measure(part, part.size, args.device, args.rounds, not args.quick)
        measured[part.name] = one
        for size in () if args.quick else part.growth:
            print(f'{part.name}: {size:,} {part.unit}', file=sys.stderr, flush=True)
            found = one if size == part.size else measure(part, size, args.device, 3, False)
            growth.setdefault(part.name, []).append(found)
    command = ' '.join(['python', 'tools/benchmark.py', *sys.argv[1:]])
    page = whole_page(command, args.device, parts, measured, growth)
    print(page)
    if args.json:
        write_json(args.json, as_json(command, args.device, measured, growth), indent=2)
    if args.page:
        write_bytes(Path(args.page), page.encode())


def main() -> None:
    """Measure what was asked for."""
    args = parse_args()
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(args.threads)))  # numpy reads them
    import torch

    from stslidr.errors import InputError

    if args.device == 'cuda' and not torch.cuda.is_available():
        raise InputError('--device cuda: there is no CUDA device')
    torch.set_num_threads(args.threads)
    time_step(args) if STEP in args.parts else compare(args)


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
