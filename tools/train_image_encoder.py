#!/usr/bin/env python
"""Train the small image encoder on camera images and their superpixels; no label is read."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from stslidr_studies.tools.train_image_encoder import run  # noqa: E402

if __name__ == '__main__':
    run()
