"""The command-line options that training and testing share."""

from __future__ import annotations

import argparse
import os
from typing import Any

from mmengine.config import Config

from stslidr.running import launch
from stslidr.running.component_check import check_components
from stslidr.running.config_file import OptionAction, import_modules, read_config_file
from stslidr.running.options import check_names, merge_options


def runner_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of the options that every run of a config takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('config', help='config file')
    parser.add_argument('--work-dir', help='where logs and checkpoints go (work_dirs/CONFIG)')
    parser.add_argument('--data-root', help="folder of the data, instead of the config's")
    add_config_options(parser)
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none', help='launcher'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help='set by torchrun')
    return parser


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--cfg-options`` to a parser."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=OptionAction,
        metavar='KEY=VALUE',
        help='config overrides',
    )


def read_checked_config(path: str, options: dict[str, Any] | None) -> Config:
    """Return the config of a file with options, of which every component can be built.

    Raises:
        MissingFileError: there is no such file, no such base, or no module of ``custom_imports``.
        FileAccessError: it may not be read.
        UnknownKeyError: the file or an option names what nothing reads.
        InputError: the file cannot be run, a module of its ``custom_imports`` fails, or a
            component lacks an argument or has a wrong one.
    """
    config = read_config_file(path)
    check_names(config)
    merge_options(config, options)
    import_modules(config.get('custom_imports'), path)
    check_components(config)
    return config


def read_config(args: argparse.Namespace) -> Config:
    """Return the config that ``args`` names, with what they override.

    Raises:
        UserError: as :func:`read_checked_config`.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    config = read_checked_config(args.config, args.cfg_options)
    launch.set_work_dir(config, args.work_dir, args.config)
    if args.data_root:
        launch.set_data_root(config, args.data_root)
    return config
