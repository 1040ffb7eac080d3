"""Time one pretraining iteration by parts: ``python tools/benchmark_step.py CONFIG``."""

from __future__ import annotations

import sys

from stslidr.tooling.run_options import runner_parser
from stslidr.tooling.run_tool import run_tool


def main() -> None:
    """Run some iterations on the first keyframe and print the medians."""
    parser = runner_parser(__doc__)
    parser.add_argument('--iterations', type=int, default=5, help='after one to warm up')
    args = parser.parse_args()
    if args.iterations < 1:
        parser.error(f'--iterations {args.iterations}: at least 1 is needed')
    import torch

    from stslidr.running.command_line import read_config
    from stslidr_studies.step_timing.step_timer import StepTimer

    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    timer = StepTimer(read_config(args), device)
    for epoch in range(args.iterations + 1):
        timer.iterate(epoch)
        print(f'iteration {epoch} of {args.iterations}', file=sys.stderr, flush=True)
    print(f'{device}, {torch.get_num_threads()} threads, {args.iterations} iterations, medians\n')
    print(timer.table())


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
