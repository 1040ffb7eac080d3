"""The mmengine models: a distiller whose parts come from config dictionaries."""

from __future__ import annotations

from typing import Any, Literal

from mmdet3d.registry import MODELS
from mmengine.model import BaseModel
from torch import Tensor, nn

from stslidr.contracts.checks import check_part
from stslidr.contracts.criterion import Criterion
from stslidr.contracts.encoders import ImageEncoder, PointBackbone
from stslidr.core.batch import PairedBatch
from stslidr.distillation.distiller import Distiller
from stslidr.distillation.point_pixel import PointPixelDistiller
from stslidr.distillation.superpixel import SuperpixelDistiller
from stslidr.errors import InputError

NUM_ANCHORS: Literal['num_anchors'] = 'num_anchors'
PARTS = ('backbone', 'point_head', 'image_encoder', 'image_head', 'criterion')


class Pretrainer(Distiller):
    """What mmengine's runner calls: built from configs, ``forward`` dispatches on a mode.

    Args:
        data_preprocessor: config of the preprocessor.
        init_cfg: mmengine's; None leaves each part as it initialises itself.
        **kwargs: configs of the five parts (or modules), and the settings of the distiller.
    """

    def __init__(
        self,
        data_preprocessor: dict[str, Any] | None = None,
        init_cfg: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            # built here, since mmengine looks in its own registry when no scope is set
            data_preprocessor=data_preprocessor and build(data_preprocessor),
            init_cfg=init_cfg,
            **build_parts(kwargs),
        )

    def forward(
        self, inputs: PairedBatch, data_samples: None = None, mode: str = 'tensor'
    ) -> dict[str, Tensor] | list[dict[str, float]] | Tensor:
        """Dispatch on ``mode``.

        Args:
            inputs: the batch, on the model's device.
            data_samples: always None: pretraining knows no annotation.
            mode: 'loss' -> dict of tensors, 'predict' -> list of one dict of floats, 'tensor' ->
                (V, D) voxel embeddings.

        Raises:
            InputError: another mode.
        """
        if mode == 'loss':
            return self.loss(inputs)
        if mode == 'predict':
            return self.predict(inputs)
        if mode == 'tensor':
            return self.embed_voxels(inputs)
        raise InputError(f"mode must be 'loss', 'predict' or 'tensor', not {mode!r}")

    def loss(self, batch: PairedBatch) -> dict[str, Tensor]:
        """Return the loss, and beside it what is worth watching: see docs/config.md."""
        result = self.distill(batch)
        # a criterion may report more than the contract names, in this order
        others = {name: value for name, value in result.statistics.items() if name != NUM_ANCHORS}
        logged: dict[str, Any] = {
            'loss': result.loss,
            self.anchors: result.statistics[NUM_ANCHORS],
            **others,
        }
        return logged

    def predict(self, batch: PairedBatch) -> list[dict[str, float]]:
        """Return what :class:`MatchingMetric` averages over a validation."""
        result = self.distill(batch)
        return [
            dict(
                loss=float(result.loss),
                top1_matching=float(result.statistics['top1_matching']),
                num_anchors=int(result.statistics[NUM_ANCHORS]),
            )
        ]


class SuperpixelPretrainer(Pretrainer, SuperpixelDistiller, BaseModel):
    """SLidR and ST-SLidR; further keys are those of :class:`SuperpixelDistiller`."""


class PointPixelPretrainer(Pretrainer, PointPixelDistiller, BaseModel):
    """PPKT; further keys are those of :class:`PointPixelDistiller`."""


def build_parts(settings: dict[str, Any]) -> dict[str, Any]:
    """Return ``settings`` with the configs of the parts replaced by modules.

    The heads take their input channels and scale from the encoders that stand before them.

    Raises:
        InputError: a part is missing, or does not offer what its contract says.
    """
    missing = [name for name in PARTS if name not in settings]
    if missing:
        raise InputError(f'the model config lacks {", ".join(missing)}')
    backbone: PointBackbone = check_part(build(settings['backbone']), PointBackbone, 'backbone')
    image_encoder: ImageEncoder = check_part(
        build(settings['image_encoder']), ImageEncoder, 'image_encoder'
    )
    return {
        **settings,
        'backbone': backbone,
        'image_encoder': image_encoder,
        'point_head': build(settings['point_head'], in_channels=backbone.out_channels),
        'image_head': build(
            settings['image_head'],
            in_channels=image_encoder.out_channels,
            scale=image_encoder.stride,
        ),
        'criterion': check_part(build(settings['criterion']), Criterion, 'criterion'),
    }


def build(part: nn.Module | dict[str, Any], **follows: int) -> nn.Module:
    """Return the module of a config; what ``follows`` from other parts need not stand in it."""
    return part if isinstance(part, nn.Module) else MODELS.build({**follows, **part})
