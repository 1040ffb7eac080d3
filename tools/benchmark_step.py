#!/usr/bin/env python
"""Time one pretraining iteration by parts: ``python tools/benchmark_step.py CONFIG``."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr_studies.tools.benchmark_step import run  # noqa: E402

if __name__ == '__main__':
    run()
