#!/usr/bin/env python
"""Score a checkpoint: ``python tools/test.py configs/stslidr_dino.py CHECKPOINT``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')  # spinning threads slow spconv on a busy CPU
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.engine import launch  # noqa: E402
from stslidr.engine.command_line import read_config, runner_parser  # noqa: E402
from stslidr.engine.resuming import check_all_weights  # noqa: E402


def main() -> None:
    """Merge the command line into the config, build the runner, test."""
    parser = runner_parser(__doc__)
    parser.add_argument('checkpoint', help='checkpoint file')
    args = parser.parse_args()
    config = read_config(args)
    config.load_from, config.resume = args.checkpoint, False
    runner = launch.build_runner(config, args.launcher)
    check_all_weights(runner.model, args.checkpoint)
    runner.test()


if __name__ == '__main__':
    main()
