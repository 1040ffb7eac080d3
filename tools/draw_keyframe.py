#!/usr/bin/env python
"""Draw a keyframe: its images, its superpixels with the points paired to them, its sweep."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr.tools.draw_keyframe import run  # noqa: E402

if __name__ == '__main__':
    run()
