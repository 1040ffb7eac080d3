#!/usr/bin/env python
"""Time one pretraining iteration by parts: ``python tools/benchmark_step.py CONFIG``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')  # spinning threads slow spconv on a busy CPU
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

import torch  # noqa: E402

from stslidr.running.command_line import read_config, runner_parser  # noqa: E402
from stslidr.tooling.run_tool import run_tool  # noqa: E402
from stslidr_studies.step_timing.step_timer import StepTimer  # noqa: E402


def main() -> None:
    """Run some iterations on the first keyframe and print the medians."""
    parser = runner_parser(__doc__)
    parser.add_argument('--iterations', type=int, default=5, help='after one to warm up')
    args = parser.parse_args()
    if args.iterations < 1:
        parser.error(f'--iterations {args.iterations}: at least 1 is needed')
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    timer = StepTimer(read_config(args), device)
    for epoch in range(args.iterations + 1):
        timer.iterate(epoch)
        print(f'iteration {epoch} of {args.iterations}', file=sys.stderr, flush=True)
    print(f'{device}, {torch.get_num_threads()} threads, {args.iterations} iterations, medians\n')
    print(timer.table())


if __name__ == '__main__':
    run_tool(main)
