#!/usr/bin/env python
"""Say in numbers what pretraining meets in a data set, alone or beside another one."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.tools.describe_keyframes import run  # noqa: E402

if __name__ == '__main__':
    run()
