#!/usr/bin/env python
"""Make a synthetic nuScenes: driving scenes in a made-up city, with cameras, LiDAR and labels."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr_city.tools.create_synthetic import run  # noqa: E402

if __name__ == '__main__':
    run()
