#!/usr/bin/env python
"""Label sweeps: ``python tools/predict.py CONFIG CHECKPOINT SWEEPS... --out DIR``."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.tools.predict import run  # noqa: E402

if __name__ == '__main__':
    run()
