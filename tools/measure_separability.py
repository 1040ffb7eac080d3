#!/usr/bin/env python
"""Measure how well classes can be told from single pixels' colours and single points' values."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr_studies.tools.measure_separability import run  # noqa: E402

if __name__ == '__main__':
    run()
