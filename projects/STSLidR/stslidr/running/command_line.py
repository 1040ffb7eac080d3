"""From a command line to the config of a run."""

from __future__ import annotations

import argparse
import os
from typing import Any

from mmengine.config import Config

from stslidr.running import launch
from stslidr.running.component_check import check_components
from stslidr.running.config_file import import_modules, parse_options, read_config_file
from stslidr.running.options import check_names, merge_options


def read_checked_config(path: str, options: dict[str, Any] | None) -> Config:
    """Return the config of a file with options, of which every component can be built.

    Args:
        path: the file, or the name of a shipped one.
        options: dotted keys to values, as :func:`parse_options` returns them.

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
        UserError: as :func:`read_checked_config` and :func:`parse_options`.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    config = read_checked_config(args.config, parse_options(args.cfg_options))
    launch.set_work_dir(config, args.work_dir, args.config)
    if args.data_root:
        launch.set_data_root(config, args.data_root)
    return config
