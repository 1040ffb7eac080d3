#!/usr/bin/env python
"""Train the model of a config: ``python tools/train.py configs/stslidr_dino.py``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    from mmengine.config import DictAction

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('--work-dir', help='where logs and checkpoints go (work_dirs/CONFIG)')
    parser.add_argument('--data-root', help='folder of the data, instead of the config\'s')
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
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='config overrides'
    )
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none', help='launcher'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help='set by torchrun')
    args = parser.parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    return args


def main() -> None:
    """Merge the command line into the config, build the runner, train."""
    args = parse_args()
    from mmengine.config import Config

    from stslidr.engine import launch

    config = Config.fromfile(args.config)
    launch.merge_options(config, args.cfg_options)
    launch.set_work_dir(config, args.work_dir, args.config)
    if args.data_root:
        launch.set_data_root(config, args.data_root)
    if args.no_validate:
        launch.disable_validation(config)
    if args.amp:
        launch.use_amp(config)
    if args.auto_scale_lr:
        launch.enable_lr_scaling(config)
    if args.resume:
        launch.resume_from(config, args.resume)
    launch.build_runner(config, args.launcher).train()


if __name__ == '__main__':
    main()
