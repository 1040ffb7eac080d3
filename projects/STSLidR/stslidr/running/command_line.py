"""The command-line options that training and testing share."""

from __future__ import annotations

import argparse
import os

from mmengine.config import Config, DictAction

from stslidr.running import launch
from stslidr.running.options import check_names, merge_options


def runner_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of the options that every run of a config takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('config', help='config file')
    parser.add_argument('--work-dir', help='where logs and checkpoints go (work_dirs/CONFIG)')
    parser.add_argument('--data-root', help="folder of the data, instead of the config's")
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='config overrides'
    )
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none', help='launcher'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help='set by torchrun')
    return parser


def read_config(args: argparse.Namespace) -> Config:
    """Return the config that ``args`` names, with what they override.

    Raises:
        UnknownKeyError: the file or an option names what nothing reads.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    config = Config.fromfile(args.config)
    check_names(config)
    merge_options(config, args.cfg_options)
    launch.set_work_dir(config, args.work_dir, args.config)
    if args.data_root:
        launch.set_data_root(config, args.data_root)
    return config
