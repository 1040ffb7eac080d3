#!/usr/bin/env python
"""Score a checkpoint, write its predictions, or test how robust it is: see docs/evaluation.md."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.tools.test import run  # noqa: E402

if __name__ == '__main__':
    run()
