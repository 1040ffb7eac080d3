"""Train the small image encoder on camera images and their superpixels; no label is read.

Writes the weights (float16) that `FrozenSmallResNet` takes as `checkpoint`, at the end and whole.
"""

from __future__ import annotations

import argparse

from stslidr.tooling.arguments import named_path
from stslidr.tooling.run_tool import run_tool
from stslidr_studies.image_pretraining.settings import TrainingSettings

DEFAULTS = TrainingSettings()
LOG_EVERY = 50


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('infos', help='info file, as tools/create_data.py writes it')
    parser.add_argument('--root', required=True, help='folder of the data set')
    parser.add_argument('--superpixels', required=True, help='superpixel folder')
    parser.add_argument('--out', type=named_path, required=True, help='file to write')
    for name, kind, meaning in (
        ('iterations', int, 'steps'),
        ('batch_size', int, 'images of a step, each in two views'),
        ('learning_rate', float, 'highest of AdamW; it falls by a cosine'),
        ('temperature', float, 'of the contrastive loss'),
        ('seed', int, 'of all draws'),
    ):
        parser.add_argument(
            f'--{name.replace("_", "-")}',
            type=kind,
            default=getattr(DEFAULTS, name),
            help=f'{meaning} (default: %(default)s)',
        )
    return parser.parse_args()


def main() -> None:
    """Train and write the weights."""
    args = parse_args()
    import torch

    from stslidr.encoders.small_weights import save_small_weights
    from stslidr.files.atomic import check_can_write
    from stslidr.tooling.progress import show_progress
    from stslidr_studies.image_pretraining.contrast import SuperpixelContrast
    from stslidr_studies.image_pretraining.superpixel_images import SuperpixelImages
    from stslidr_studies.image_pretraining.training import train_encoder

    settings = TrainingSettings(
        args.iterations, args.batch_size, args.learning_rate, args.temperature, args.seed
    )
    torch.set_num_threads(1)  # sums, and so the file, would differ with the number of threads
    check_can_write(args.out)
    images = SuperpixelImages(args.infos, args.root, args.superpixels)
    print(f'{len(images)} images of {args.infos}', flush=True)
    model = SuperpixelContrast(settings.temperature, settings.seed)
    results = train_encoder(model, images, settings)
    results = show_progress(results, settings.iterations, 0, 'training')
    for step, result in enumerate(results, start=1):
        if step % LOG_EVERY == 0 or step == settings.iterations:
            print(
                f'step {step}: loss {result.loss.item():.3f}, {result.matched:.1%} of the '
                f'superpixels nearest to themselves in the other view',
                flush=True,
            )
    digest = save_small_weights(args.out, model.network.state_dict())
    print(f'{args.out}: SHA-256 {digest}')


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
