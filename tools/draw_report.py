#!/usr/bin/env python
"""Draw the report of a study."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr_studies.tools.draw_report import run  # noqa: E402

if __name__ == '__main__':
    run()
