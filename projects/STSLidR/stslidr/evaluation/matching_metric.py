"""Validation of a pretrainer: the loss and the matching accuracy on held-out keyframes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric


class MatchingMetric(BaseMetric):
    """Mean contrastive loss and top-1 matching over the validation batches.

    The loss is a mean over the anchors of a batch, so batches are weighted by their anchors; a
    batch without any counts for nothing. Both depend on what else is in a batch: compare them at
    one batch size and number of processes. Consumes what the pretrainer's ``predict`` returns.

    Args:
        collect_device: how processes exchange their results, see mmengine's ``BaseMetric``.
        **kwargs: further arguments of ``BaseMetric``.
    """

    default_prefix = 'pretrain'

    def __init__(self, collect_device: str = 'gpu', **kwargs: Any) -> None:
        # mmengine's 'gpu' sends results through the process group, gloo too; its 'cpu' leaves
        # folders in the current directory
        super().__init__(collect_device=collect_device, **kwargs)

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Collect one batch's ``{'loss', 'top1_matching', 'num_anchors'}``, Python floats."""
        self.results.extend(data_samples)

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Return ``loss`` and ``top1_matching``, weighted by anchors; NaN if there were none."""
        anchors = sum(result['num_anchors'] for result in results)
        if anchors == 0:
            return dict(loss=float('nan'), top1_matching=float('nan'))
        return {
            name: sum(result[name] * result['num_anchors'] for result in results) / anchors
            for name in ('loss', 'top1_matching')
        }
