#!/usr/bin/env python
"""Score a checkpoint: ``python tools/test.py configs/stslidr_dino.py CHECKPOINT``."""

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
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--work-dir', help='where logs go (work_dirs/CONFIG)')
    parser.add_argument('--data-root', help='folder of the data, instead of the config\'s')
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
    """Merge the command line into the config, build the runner, test."""
    args = parse_args()
    from mmengine.config import Config

    from stslidr.engine import launch

    config = Config.fromfile(args.config)
    launch.merge_options(config, args.cfg_options)
    launch.set_work_dir(config, args.work_dir, args.config)
    if args.data_root:
        launch.set_data_root(config, args.data_root)
    config.load_from, config.resume = args.checkpoint, False
    launch.build_runner(config, args.launcher).test()


if __name__ == '__main__':
    main()
