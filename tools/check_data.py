#!/usr/bin/env python
"""Look for what is wrong with a data set, before a training finds it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.tools.check_data import run  # noqa: E402

if __name__ == '__main__':
    run()
