"""Measure how well a linear classifier tells the classes of superpixels from frozen features.

The classifier learns on the superpixels of TRAINING and is scored on the pixels of HELD_OUT: info
files of a synthetic nuScenes that was made with --diagnostics. Prints IoU of each class and mIoU,
in percent, for the mean colour, the untrained and the trained small ResNet; and how many of the
held-out superpixels that ST-SLidR would take for similar are of the same class.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from stslidr.tooling.run_tool import run_tool

if TYPE_CHECKING:
    from torch import Tensor


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
    from stslidr.encoders.image_encoder import FrozenSmallResNet
    from stslidr.files.lidarseg_classes import CLASS_NAMES
    from stslidr.text import markdown_table, percent
    from stslidr_studies.image_pretraining.probing import (
        fit_and_score,
        pool_features,
        share_of_own_class,
    )
    from stslidr_studies.image_pretraining.settings import ViewSettings
    from stslidr_studies.image_pretraining.superpixel_images import SuperpixelImages

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
        pooled = [
            pool_features(
                encoder, own, args.class_maps, ViewSettings.size, f'{encoder_name}, {name}'
            )
            for name, own in images.items()
        ]
        scores[encoder_name] = fit_and_score(*pooled)
        own_class.append(share_of_own_class(pooled[1]))
    shares = {
        **{
            name: [score.iou[index] for score in scores.values()]
            for index, name in enumerate(CLASS_NAMES)
        },
        'mIoU': [score.miou for score in scores.values()],
        'pixels right': [score.accuracy for score in scores.values()],
        'of the same class, tolerated pairs': [tolerated for tolerated, _ in own_class],
        'of the same class, all pairs': [every for _, every in own_class],
    }
    rows = [[label, *(percent(share, 1, 'nan') for share in row)] for label, row in shares.items()]
    print(markdown_table(['class', *scores], rows))


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
