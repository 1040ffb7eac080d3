"""A test run: the weights of a checkpoint, one or more passes over the test set."""

from __future__ import annotations

from typing import Any

from mmdet3d.registry import MODELS
from mmengine.config import Config, ConfigDict
from mmengine.logging import print_log
from mmengine.model import BaseTTAModel, is_model_wrapper

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.errors import InputError
from stslidr.evaluation.result_types import Scored
from stslidr.evaluation.segmentation_metric import CONFUSION, PointSegMetric
from stslidr.prediction.prediction_writer import PredictionWriter
from stslidr.running import launch
from stslidr.running.options import TTA_KEYS
from stslidr.running.tested_data import check_test_set, check_trained_for


def prepare_config(config: Config, checkpoint: Checkpoint, tta: bool = False) -> None:
    """Make ``config`` that of a test of ``checkpoint``, in place.

    Args:
        config: as read, with all options.
        checkpoint: the weights.
        tta: test with the config's ``tta_pipeline``.

    Raises:
        InputError: the checkpoint was trained on other voxels or classes; the config has no test
            set, or lacks what ``tta`` needs.
    """
    check_test_set(config)
    if tta:
        missing = [name for name in sorted(TTA_KEYS) if not config.get(name)]
        if missing:
            raise InputError(f'--tta needs {" and ".join(missing)} in {config.filename}')
        config.test_dataloader.dataset.pipeline = config.tta_pipeline
    check_trained_for(config, checkpoint)
    config.load_from, config.resume = str(checkpoint.path), False


class ScoringRun:
    """Passes over the test set with one model.

    Args:
        config: from :func:`prepare_config`.
        checkpoint: the weights.
        launcher: as for :func:`~stslidr.running.launch.build_runner`.
        tta: merge the predictions for augmented copies by the config's ``tta_model``.
        out: folder for predictions in the layout of a submission; None writes none. With it, a
            test set with ``load_eval_anns=False`` is predicted and not scored.

    Raises:
        InputError: the checkpoint does not fit the model.
    """

    def __init__(
        self,
        config: Config,
        checkpoint: Checkpoint,
        launcher: str = 'none',
        tta: bool = False,
        out: str | None = None,
    ) -> None:
        labelled = config.test_dataloader.dataset.get('load_eval_anns', True)
        if out is not None and not labelled:
            config.test_evaluator = []
        self.config = config
        self.runner = launch.build_runner(config, launcher, checkpoint)
        model = self.runner.model
        checkpoint.check_weights(model.module if is_model_wrapper(model) else model)
        if out is not None:
            self.runner.register_hook(PredictionWriter(out))
        self.runner.call_hook('before_run')
        self.runner.load_or_resume()
        log_label_split(checkpoint)
        if tta:
            self.runner.model = build_tta_model(config.tta_model, self.runner.model)

    def run(self, dataloader: ConfigDict | None = None, by_scene: bool = True) -> Scored:
        """Go over the test set once.

        Args:
            dataloader: config of another loader than the config's ``test_dataloader``.
            by_scene: return the confusion matrix of each scene too.

        Returns:
            ``num_samples``; ``metrics``, the numbers as logged; and ``segmentation``, the report of
            a `PointSegMetric`, in the first process.
        """
        settings = dict(self.config.test_cfg, dataloader=dataloader or self.config.test_dataloader)
        settings.setdefault('type', 'TestLoop')
        loop = self.runner.build_test_loop(settings)
        self.runner._test_loop = loop  # hooks ask the runner for the loader
        metrics = loop.run()
        result: Scored = {
            'num_samples': len(loop.dataloader.dataset),
            'metrics': {name: float(value) for name, value in metrics.items()},
        }
        reports = [
            metric.report for metric in loop.evaluator.metrics if isinstance(metric, PointSegMetric)
        ]
        if reports and reports[0] is not None:
            result['segmentation'] = {
                name: value for name, value in reports[0].items() if by_scene or name != CONFUSION
            }
        return result

    def close(self) -> None:
        """End the run: hooks copy logs and close what they have open."""
        self.runner.call_hook('after_run')


def log_label_split(checkpoint: Checkpoint) -> None:
    """Log the label split that a checkpoint was trained on, where it says so, and its hash."""
    split = checkpoint.label_split
    if split is not None:
        print_log(
            f'{checkpoint.path} was trained on label split {split.name}, SHA-256 of '
            f'its names {split.sha256}',
            logger='current',
        )


def build_tta_model(settings: ConfigDict, model: Any) -> BaseTTAModel:
    """Wrap ``model`` into the test-time augmentation model of ``settings``."""
    return MODELS.build({**settings, 'module': model})
