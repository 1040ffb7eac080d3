"""The linear head over voxel features, with its two losses."""

from __future__ import annotations

import torch
from mmdet3d.models.decode_heads import MinkUNetHead
from mmdet3d.registry import MODELS
from mmdet3d.structures.det3d_data_sample import SampleList
from mmengine.model import BaseModule
from torch import Tensor


class LinearSegHead(MinkUNetHead):
    """One linear layer, a 1x1 convolution over voxels, trained with cross-entropy and Lovasz.

    Exactly ``num_classes`` logits. Voxels labelled ``num_classes``, which is what MMDetection3D's
    datasets call the ignored points, count in neither loss. The published head has one logit more,
    for the ignored class, and Lovasz' softmax spans it: MMDetection3D's `SegMetric` allows none.

    Logits and losses are float32, also under autocast.

    Args:
        channels: features of a voxel.
        num_classes: logits.
        loss_decode: config of the first loss, mmdet's ``(logits, labels)``.
        loss_lovasz: config of the second, mmdet3d's `LovaszLoss`, which takes logits too and makes
            probabilities of them itself.
        init_cfg: mmengine's; None keeps the layer's own initial values, U(+-1 / sqrt(channels)), as
            published.
    """

    def __init__(
        self,
        channels: int,
        num_classes: int,
        loss_decode: dict,
        loss_lovasz: dict,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            channels,
            num_classes,
            dropout_ratio=0.0,
            loss_decode=loss_decode,
            ignore_index=num_classes,
            init_cfg=init_cfg,
        )
        self.loss_lovasz = MODELS.build(loss_lovasz)

    def init_weights(self) -> None:
        """Follow ``init_cfg`` alone; mmdet3d's heads would draw from N(0, 0.01) after it."""
        BaseModule.init_weights(self)

    def cls_seg(self, feat: Tensor) -> Tensor:
        """Map (V, channels) features to (V, num_classes) float32 logits."""
        with torch.autocast(feat.device.type, enabled=False):
            return self.conv_seg(feat.float())

    def loss_by_feat(self, seg_logit: Tensor, batch_data_samples: SampleList) -> dict[str, Tensor]:
        """Both losses over all voxels of the batch.

        Args:
            seg_logit: float32 (V, num_classes).
            batch_data_samples: with ``gt_pts_seg.voxel_semantic_mask`` int64, together (V,).

        Returns:
            ``loss_ce``, the mean over the labelled voxels, and ``loss_lovasz``, the mean over the
            classes present among them. Without a labelled voxel both are 0, with a graph through
            every logit.
        """
        labels = self._stack_batch_gt(batch_data_samples)
        labelled = labels != self.ignore_index
        logits, labels = seg_logit[labelled], labels[labelled]
        if len(labels) == 0:
            nothing = seg_logit.sum() * 0.0
            return {'loss_ce': nothing, 'loss_lovasz': nothing}
        with torch.autocast(logits.device.type, enabled=False):
            return {
                'loss_ce': self.loss_decode(logits, labels),
                # its own selection of labelled voxels fails where there is exactly one
                'loss_lovasz': self.loss_lovasz(logits, labels, ignore_index=None),
            }
