#!/usr/bin/env python
"""Time parts of a pretraining beside the published formulation of each."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr_studies.tools.benchmark import run  # noqa: E402

if __name__ == '__main__':
    run()
