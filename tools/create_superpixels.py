#!/usr/bin/env python
"""Make the superpixels of a data set's camera images."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.tools.create_superpixels import run  # noqa: E402

if __name__ == '__main__':
    run()
