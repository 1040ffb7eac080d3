"""A finished study on made-up data: an untouched and a pretrained backbone, each probed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from mmengine.config import Config

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.evaluation.result_file import describe_run, write_result
from stslidr.evaluation.testing import ScoringRun, prepare_config
from stslidr.files.hashing import hash_file
from stslidr.files.infos import read_infos, write_infos
from stslidr.running.launch import disable_validation
from stslidr.running.options import merge_options
from stslidr.running.resuming import newest_checkpoint
from stslidr_studies.study.cell_notes import write_cell_note
from stslidr_studies.study.cells import Cell, enumerate_cells
from stslidr_studies.study.commands import RESULT
from stslidr_studies.study.study_file import read_study
from support.tiny_data import TinyData, make_tiny_data
from support.tiny_labelled import draw_labels
from support.tiny_run import CONFIGS, SMALL_BACKBONE, forget_runs, tiny_config, train


@dataclass(frozen=True)
class TinyStudy:
    """Where the parts of a finished study are."""

    data: TinyData
    path: Path
    results: Path


def make_tiny_study(folder: Path) -> TinyStudy:
    """Make data, configs and the study file, and train and score all cells in this process.

    The methods are `random`, `stslidr` and `other`, which has an option; the task is `probe`.
    """
    data = _label(make_tiny_data(folder / 'data', num_keyframes=4))
    pretrain = tiny_config(data, folder, epochs=1, train_dataloader__dataset__indices=2)
    _write(pretrain, folder / 'pretrain.py')
    _write(_probe_config(data), folder / 'probe.py')
    path = folder / 'study.yaml'
    path.write_text(
        yaml.safe_dump(
            {
                'title': 'Made-up <data>',
                'data_root': str(data.root),
                'seeds': [0],
                'baseline': 'random',
                'options': {'default_hooks.logger.interval': 1},
                'methods': {
                    'random': {'title': 'Random init'},
                    'stslidr': {'title': 'ST-SLidR', 'pretrain': str(folder / 'pretrain.py')},
                    'other': {
                        'title': 'Other encoder',
                        'pretrain': str(folder / 'pretrain.py'),
                        'options': {'model.image_encoder.weights': 'random'},
                    },
                },
                'tasks': {'probe': {'title': 'Linear probe', 'config': str(folder / 'probe.py')}},
                'compare': [['stslidr', 'other']],
            },
            sort_keys=False,
        )
    )
    run_cells(path, folder / 'results')
    return TinyStudy(data, path, folder / 'results')


def run_cells(study: Path, results: Path) -> None:
    """Train and score the cells of a study, one after the other, in this process."""
    notes: dict[Cell, dict] = {}
    read = read_study(study)
    for cell in enumerate_cells(read):
        note = notes[cell] = _run(cell, results, notes.get(cell.parent))
        command = ['python', 'tools/train.py', cell.config, '--data-root', read.data_root]
        write_cell_note(results / cell.folder, {**note, 'commands': [command]})


def _label(data: TinyData) -> TinyData:
    """Give each keyframe labels of all classes, and a scene of its own."""
    rng = np.random.default_rng(4)
    infos = read_infos(data.root / data.ann_file)
    (data.root / 'labels').mkdir()
    for number, sample in enumerate(infos['data_list']):
        sample['scene_name'] = f'scene-{number}'
        labels = draw_labels(LIDARSEG, data.num_points, rng)
        labels.tofile(data.root / 'labels' / sample['pts_semantic_mask_path'])
    write_infos(data.root / data.ann_file, infos['metainfo'], infos['data_list'])
    return data


def _probe_config(data: TinyData) -> Config:
    config = Config.fromfile(CONFIGS / 'linear_probe_nuscenes.py')
    merge_options(
        config,
        {
            'train_cfg.max_epochs': 1,
            'train_dataloader.batch_size': 2,
            'train_dataloader.dataset.label_split': None,
            **{f'model.backbone.{key}': value for key, value in SMALL_BACKBONE.items()},
        },
    )
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        config[loader].update(num_workers=0, persistent_workers=False)
        dataset = config[loader].dataset
        dataset.update(
            data_root=str(data.root),
            ann_file=data.ann_file,
            data_prefix=dict(pts='sweeps', pts_semantic_mask='labels'),
        )
        for step in dataset.pipeline:
            if 'load_dim' in step:
                step.load_dim = 4
    return config


def _write(config: Config, path: Path) -> None:
    config.pop('work_dir', None)
    config.dump(path)


def _run(cell: Cell, results: Path, parent: dict | None) -> dict:
    """Train a cell, score it if it is a task, and note it as tools/run_experiment.py does."""
    work_dir = results / cell.folder
    config = _read(cell, work_dir)
    if parent is not None:
        config.load_from = str(results / cell.parent.folder / parent['checkpoint'])
    train(config)
    checkpoint = Path(newest_checkpoint(str(work_dir)))
    if cell.is_task:
        _score(cell, work_dir, checkpoint)
    note = {
        'method': cell.method,
        'seed': cell.seed,
        'step': cell.step,
        'config': cell.config,
        'config_sha256': '',
        'options': dict(cell.options),
        'commit': 'c0ffee' * 6,
        'changes_sha256': None,
        'version': '0',
        'trained': True,
        'checkpoint': checkpoint.name,
        'checkpoint_sha256': hash_file(checkpoint),
        'label_split': None,
        'label_split_sha256': None,
        'parent_checkpoint_sha256': parent and parent['checkpoint_sha256'],
        'started': 'then',
        'ended': 'now',
        'seconds': 6.0,
    }
    return note


def _read(cell: Cell, work_dir: Path) -> Config:
    config = Config.fromfile(cell.config)
    merge_options(config, {**cell.options, 'randomness.seed': cell.seed})
    config.work_dir = str(work_dir)
    disable_validation(config)
    return config


def _score(cell: Cell, work_dir: Path, checkpoint: Path) -> None:
    forget_runs()
    config = _read(cell, work_dir / 'test')
    weights = Checkpoint.read(checkpoint)
    prepare_config(config, weights)
    scored = ScoringRun(config, weights).run()
    write_result(work_dir / RESULT, {**describe_run(config, weights, False), **scored})
