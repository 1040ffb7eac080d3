#!/usr/bin/env python
"""Write info files and label splits: `create_data.py nuscenes|semantickitti --root ROOT ...`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.tools.create_data import run  # noqa: E402

if __name__ == '__main__':
    run()
