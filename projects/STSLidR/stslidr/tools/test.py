"""Score a checkpoint, write its predictions, or test how robust it is: see docs/evaluation.md.

``python tools/test.py configs/finetune_1pct_nuscenes.py CHECKPOINT``
"""

from __future__ import annotations

import argparse
import os
from functools import partial
from typing import TYPE_CHECKING

from stslidr.errors import UserError
from stslidr.running.orphans import end_with_parent
from stslidr.tooling.arguments import named_path
from stslidr.tooling.run_options import runner_parser
from stslidr.tooling.run_tool import run_tool

if TYPE_CHECKING:
    from mmengine.config import Config

    from stslidr.checkpoints.checkpoint import Checkpoint


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = runner_parser(__doc__)
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument(
        '--out',
        type=named_path,
        metavar='DIR',
        help='write the predictions too, in the layout of a submission',
    )
    parser.add_argument(
        '--tta', action='store_true', help="test-time augmentation, by the config's tta_pipeline"
    )
    parser.add_argument(
        '--corruptions', metavar='all|NAME,NAME', help='test under these corruptions as well'
    )
    parser.add_argument(
        '--baseline', metavar='RESULT.json', help='result of another model under these corruptions'
    )
    parser.add_argument(
        '--json',
        type=named_path,
        metavar='FILE',
        help='result file; with --corruptions WORK_DIR/corruptions.json '
        'without it, and what it holds is not computed again',
    )
    args = parser.parse_args()
    if args.corruptions and (args.out or args.launcher != 'none'):
        parser.error('--corruptions goes neither with --out nor with --launcher')
    if args.baseline and not args.corruptions:
        parser.error('--baseline is for --corruptions')
    if args.corruptions:
        from stslidr.evaluation.robustness import parse_kinds

        try:
            args.corruptions = parse_kinds(args.corruptions)
        except UserError as error:
            parser.error(str(error))
    return args


def run_corruptions(args: argparse.Namespace, config: Config, checkpoint: Checkpoint) -> None:
    """Score under corruptions, pass by pass, and print the table."""
    from mmengine.logging import print_log

    from stslidr.evaluation.result_file import describe_run
    from stslidr.evaluation.robustness import RobustnessTest
    from stslidr.evaluation.testing import ScoringRun

    path = args.json or os.path.join(config.work_dir, 'corruptions.json')
    origin = describe_run(config, checkpoint, args.tta)
    test = RobustnessTest(path, origin, args.corruptions, args.baseline)
    run = ScoringRun(config, checkpoint, tta=args.tta)
    test.run(partial(run.run, by_scene=False), config.test_dataloader)
    print_log(test.summarise(), logger='current')
    run.close()


def run_once(args: argparse.Namespace, config: Config, checkpoint: Checkpoint) -> None:
    """Score, and write predictions where that is asked for."""
    from mmengine.dist import is_main_process

    from stslidr.evaluation.result_file import describe_run, write_result
    from stslidr.evaluation.testing import ScoringRun
    from stslidr.running.launch import end_process_group

    # before it runs: the file could be replaced meanwhile
    origin = describe_run(config, checkpoint, args.tta) if args.json else None
    run = ScoringRun(config, checkpoint, args.launcher, args.tta, args.out)
    scored = run.run()
    if origin is not None and is_main_process():
        write_result(args.json, {**origin, **scored})
    run.close()
    end_process_group()


def main() -> None:
    """Merge the command line into the config and test."""
    args = parse_args()
    if args.launcher != 'none':
        end_with_parent()  # before imports take seconds, in which a launcher may be killed
    from stslidr.checkpoints.checkpoint import Checkpoint
    from stslidr.evaluation.testing import prepare_config
    from stslidr.files.atomic import check_can_write
    from stslidr.running.command_line import read_config

    config = read_config(args)
    if args.json:
        check_can_write(args.json)
    checkpoint = Checkpoint.read(args.checkpoint)
    prepare_config(config, checkpoint, args.tta)
    if args.corruptions:
        run_corruptions(args, config, checkpoint)
    else:
        run_once(args, config, checkpoint)


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
