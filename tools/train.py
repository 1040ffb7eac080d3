#!/usr/bin/env python
"""Train the model of a config: ``python tools/train.py configs/stslidr_dino.py``."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.tools.train import run  # noqa: E402

if __name__ == '__main__':
    run()
