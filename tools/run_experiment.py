#!/usr/bin/env python
"""Run a study: every method with every seed on every task, then one table; see docs/study.md."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr_studies.tools.run_experiment import run  # noqa: E402

if __name__ == '__main__':
    run()
