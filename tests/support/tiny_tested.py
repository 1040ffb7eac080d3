"""A segmentor of random weights and a made-up SemanticKITTI to test it on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config

from stslidr.checkpoints.checkpoint import Checkpoint
from support.tiny_labelled import make_labelled_kitti
from support.tiny_segmentation import tiny_segmentor
from support.tiny_weights import save_segmentor

NAME = 'finetune_1pct_semantickitti'


@dataclass(frozen=True)
class TinyTested:
    """Where data and weights lie."""

    folder: Path

    @property
    def root(self) -> Path:
        """Of the data set."""
        return self.folder / 'data'

    @property
    def path(self) -> Path:
        """Of the checkpoint."""
        return self.folder / 'weights.pth'

    @property
    def checkpoint(self) -> Checkpoint:
        """The weights, read anew."""
        return Checkpoint.read(self.path)

    def config(self, **options: object) -> Config:
        """The segmentor's config, with options, ``__`` for dots."""
        return tiny_segmentor(self.root, self.folder / 'work', NAME, **options)


def make_tested(folder: Path) -> TinyTested:
    """Write two sweeps to train on, three to test on, and weights."""
    tested = TinyTested(folder)
    make_labelled_kitti(tested.root, {'00': 2, '08': 3})
    save_segmentor(tested.config(), tested.path)
    return tested
