#!/usr/bin/env python
"""Measure how well a linear classifier tells the classes of superpixels from frozen features."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr_studies.tools.measure_image_encoder import run  # noqa: E402

if __name__ == '__main__':
    run()
