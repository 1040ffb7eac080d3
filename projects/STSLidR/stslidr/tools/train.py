"""Train the model of a config: ``python tools/train.py configs/stslidr_dino.py``."""

from __future__ import annotations

import argparse

from stslidr.running.orphans import end_with_parent
from stslidr.tooling.run_options import runner_parser
from stslidr.tooling.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = runner_parser(__doc__)
    parser.add_argument('--no-validate', action='store_true', help='train without validation')
    parser.add_argument('--amp', action='store_true', help='mixed precision (CUDA)')
    parser.add_argument(
        '--auto-scale-lr', action='store_true', help='scale the learning rate by the batch size'
    )
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='go on from CHECKPOINT, or from the newest one in the work dir',
    )
    return parser.parse_args()


def main() -> None:
    """Merge the command line into the config, build the runner, train."""
    args = parse_args()
    if args.launcher != 'none':
        end_with_parent()  # before imports take seconds, in which a launcher may be killed
    from stslidr.running import launch
    from stslidr.running.command_line import read_config

    config = read_config(args)
    if args.no_validate:
        launch.disable_validation(config)
    if args.amp:
        launch.use_amp(config)
    if args.auto_scale_lr:
        launch.enable_lr_scaling(config)
    if args.resume:
        launch.resume_from(config, args.resume)
    launch.build_runner(config, args.launcher).train()
    launch.end_process_group()


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
