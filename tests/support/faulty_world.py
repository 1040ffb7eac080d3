"""Data, configs and weights of every kind, to be damaged and made whole again."""

from __future__ import annotations

import json
import pickle
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from support.tiny_data import TinyData, make_tiny_data
from support.tiny_labelled import make_labelled_kitti, make_labelled_nuscenes
from support.tiny_run import tiny_config, train
from support.tiny_segmentation import save_pretraining, tiny_segmentor
from support.tiny_study import make_tiny_study
from support.tiny_weights import save_segmentor

SCENES = {'scene-a': 2, 'scene-b': 2}
SEQUENCES = {'00': 2, '08': 1}
SEGMENTOR = 'finetune_1pct_nuscenes'
NO_VALIDATION = ('val_dataloader', 'val_cfg', 'val_evaluator', 'test_dataloader', 'test_cfg')


class World(ABC):
    """A folder that is made once, and made whole again after each fault."""

    def __init__(self, folder: Path) -> None:
        """Make everything, and keep a copy."""
        self.root, self._whole = folder / 'world', folder / 'whole'
        self.root.mkdir()
        self.make()
        shutil.copytree(self.root, self._whole)

    @abstractmethod
    def make(self) -> None:
        """Fill the folder."""

    def mend(self) -> None:
        """Make everything whole again."""
        shutil.rmtree(self.root)
        shutil.copytree(self._whole, self.root)

    def __truediv__(self, name: str) -> Path:
        """A file or folder in it."""
        return self.root / name

    def edit_bytes(self, name: str, edit: Callable[[bytes], bytes]) -> None:
        """Change the bytes of a file."""
        path = self / name
        path.write_bytes(edit(path.read_bytes()))

    def edit_infos(self, edit: Callable[[dict], Any], name: str = 'tiny/tiny_infos.pkl') -> None:
        """Change what an info file holds, in place or by what `edit` returns."""
        path = self / name
        infos = pickle.loads(path.read_bytes())
        path.write_bytes(pickle.dumps(edit(infos) or infos))

    def edit_json(self, name: str, edit: Callable[[Any], Any]) -> None:
        """Change what a JSON file holds, in place or by what `edit` returns."""
        path = self / name
        content = json.loads(path.read_text())
        changed = edit(content)
        path.write_text(json.dumps(content if changed is None else changed))

    def edit_yaml(self, name: str, edit: Callable[[dict], Any]) -> None:
        """Change what a YAML file holds, in place."""
        path = self / name
        content = yaml.safe_load(path.read_text())
        edit(content)
        path.write_text(yaml.safe_dump(content, sort_keys=False))

    def edit_checkpoint(self, name: str, edit: Callable[[dict], Any]) -> None:
        """Change what a checkpoint holds, in place or by what `edit` returns."""
        path = self / name
        content = torch.load(path, weights_only=True)
        torch.save(edit(content) or content, path)

    def edit_sweep(self, name: str, edit: Callable[[np.ndarray], Any], columns: int = 4) -> None:
        """Change the points (N, columns) of a sweep, in place or by what `edit` returns."""
        path = self / name
        points = np.fromfile(path, '<f4').reshape(-1, columns)
        changed = edit(points)
        (points if changed is None else np.asarray(changed)).tofile(path)


class StudyWorld(World):
    """A finished study: `data`, `study.yaml`, `results` and the configs of its cells."""

    def make(self) -> None:
        """Train and score its cells."""
        make_tiny_study(self.root)
        (self.root / 'text').write_text('neither YAML nor JSON: [')


class FaultyWorld(World):
    """A folder that holds one of everything.

    `tiny` is a data set for pretraining, `nuscenes` and `kitti` are labelled roots with tables and
    info files; `pretrain.py` and `segment.py` are configs, `weights.pth` a segmentor,
    `pretrained.pth` a pretraining, `run` the work dir of one that was cut off after two of three
    epochs.
    """

    def make(self) -> None:
        """Write data, configs and weights."""
        root = self.root
        self.tiny: TinyData = make_tiny_data(root / 'tiny', num_keyframes=3)
        pretrain = tiny_config(self.tiny, root / 'run', 'demo_stslidr', epochs=3)
        for key in NO_VALIDATION:
            pretrain[key] = None
        pretrain.test_evaluator = None
        pretrain.dump(root / 'pretrain.py')
        train(pretrain)
        (root / 'run/epoch_3.pth').unlink()  # as if it had been interrupted
        (root / 'run/last_checkpoint').write_text(str(root / 'run/epoch_2.pth'))
        make_labelled_nuscenes(root / 'nuscenes', SCENES)
        make_labelled_kitti(root / 'kitti', SEQUENCES)
        segmentor = tiny_segmentor(root / 'nuscenes', root / 'segmented', SEGMENTOR, epochs=1)
        segmentor.dump(root / 'segment.py')
        save_segmentor(segmentor, root / 'weights.pth')
        save_pretraining(segmentor, root / 'pretrained.pth')
        (root / 'folder').mkdir()
        (root / 'text').write_text('neither pickle nor JSON nor weights')
