#!/usr/bin/env python
"""Measure how well a linear classifier tells the classes of superpixels from frozen features.

The classifier learns on the superpixels of TRAINING and is scored on the pixels of HELD_OUT: info
files of a synthetic nuScenes that was made with --diagnostics. Prints IoU of each class and mIoU,
in percent, for the mean colour, the untrained and the trained small ResNet; and how many of the
held-out superpixels that ST-SLidR would take for similar are of the same class.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'projects' / 'STSLidR')]

from torch import Tensor  # noqa: E402

from stslidr.encoders.image_encoder import FrozenSmallResNet  # noqa: E402
from stslidr.files.lidarseg_classes import CLASS_NAMES  # noqa: E402
from stslidr.tooling.run_tool import run_tool  # noqa: E402
from stslidr_studies.image_pretraining.probing import (  # noqa: E402
    fit_and_score,
    pool_features,
    share_of_own_class,
)
from stslidr_studies.image_pretraining.superpixel_images import SuperpixelImages  # noqa: E402
from stslidr_studies.image_pretraining.views import ViewSettings  # noqa: E402


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('training', help='info file of the training scenes')
    parser.add_argument('held_out', help='info file of the held-out scenes')
    parser.add_argument('--root', required=True, help='folder of the data set')
    parser.add_argument('--superpixels', required=True, help='superpixel folder')
    parser.add_argument(
        '--class-maps',
        required=True,
        type=Path,
        metavar='FOLDER',
        help='with <sample_data_token>.png of each image: ROOT/diagnostics/class_maps',
    )
    parser.add_argument(
        '--checkpoint',
        metavar='FILE',
        help="weights of tools/train_image_encoder.py (default: the repository's own)",
    )
    return parser.parse_args()


def main() -> None:
    """Pool, fit, score, print."""
    args = parse_args()
    encoders: dict[str, Callable[[Tensor], Tensor]] = {
        'mean colour': lambda images: images,
        'random': FrozenSmallResNet('random'),
        'trained': FrozenSmallResNet('synthetic', args.checkpoint),
    }
    images = {
        name: SuperpixelImages(infos, args.root, args.superpixels)
        for name, infos in (('training', args.training), ('held-out', args.held_out))
    }
    scores, own_class = {}, []
    for encoder_name, encoder in encoders.items():
        rows = [
            pool_features(
                encoder, own, args.class_maps, ViewSettings.size, f'{encoder_name}, {name}'
            )
            for name, own in images.items()
        ]
        scores[encoder_name] = fit_and_score(*rows)
        own_class.append(share_of_own_class(rows[1]))
    print(f'| class | {" | ".join(scores)} |')
    print('|--' * (len(scores) + 1) + '|')
    for index, name in enumerate(CLASS_NAMES):
        print(f'| {name} | {" | ".join(f"{100 * s.iou[index]:.1f}" for s in scores.values())} |')
    for label, attribute in (('mIoU', 'miou'), ('pixels right', 'accuracy')):
        cells = (f'{100 * getattr(score, attribute):.1f}' for score in scores.values())
        print(f'| {label} | {" | ".join(cells)} |')
    words = ('of the same class, tolerated pairs', 'of the same class, all pairs')
    for label, shares in zip(words, zip(*own_class, strict=True), strict=True):
        print(f'| {label} | {" | ".join(f"{100 * share:.1f}" for share in shares)} |')


if __name__ == '__main__':
    run_tool(main)
