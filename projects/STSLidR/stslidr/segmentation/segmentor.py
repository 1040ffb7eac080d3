"""The segmentor: an ordinary MMDetection3D model over our voxels and backbone."""

from __future__ import annotations

from mmdet3d.models.segmentors import MinkUNet
from mmdet3d.registry import MODELS
from torch import Tensor
from typing_extensions import Self

from stslidr.contracts.checks import check_part, check_rows
from stslidr.contracts.encoders import PointBackbone
from stslidr.errors import InputError


class VoxelSegmentor(MinkUNet):
    """Embed voxels, classify them, give every point the class of its voxel.

    mmdet3d's `MinkUNet` line (an `EncoderDecoder3D`) with any `PointBackbone`.

    Args:
        backbone: config of the backbone; a pretraining's weights transfer under this name.
        decode_head: config of the head; its ``channels`` are the backbone's where absent.
        frozen_backbone: train nothing but the head, as a linear probe does: the backbone's
            parameters get no gradient and it stays in eval mode for the whole run, so that its
            batch norm statistics stay as they were loaded.
        data_preprocessor: config of the preprocessor.
        init_cfg: mmengine's; None leaves each part as it initialises itself.
        train_cfg: None, as mmdet3d's `init_model` passes it to every model.

    Raises:
        InputError: for another ``train_cfg``, which nothing would read, and a backbone that is no
            `PointBackbone`.
    """

    def __init__(
        self,
        backbone: dict,
        decode_head: dict,
        frozen_backbone: bool = False,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
        train_cfg: None = None,
    ) -> None:
        if train_cfg is not None:
            raise InputError(f'model.train_cfg must be None: nothing reads {train_cfg}')
        super().__init__(
            backbone=backbone,
            decode_head=decode_head,
            # built here, since mmengine looks in its own registry when no scope is set
            data_preprocessor=data_preprocessor and MODELS.build(data_preprocessor),
            init_cfg=init_cfg,
        )
        self.frozen_backbone = frozen_backbone
        if frozen_backbone:
            self.backbone.requires_grad_(False)

    def train(self, mode: bool = True) -> Self:
        """Set the mode of all parts, but leave a frozen backbone in eval mode.

        mmengine calls this before every epoch and after every validation.
        """
        super().train(mode)
        if self.frozen_backbone:
            self.backbone.eval()
        return self

    def extract_feat(self, batch_inputs_dict: dict) -> Tensor:
        """Return the features (V, C) of the batch's voxels.

        Raises:
            InputError: the backbone returned another number of rows.
        """
        features = super().extract_feat(batch_inputs_dict)
        return check_rows(features, batch_inputs_dict['voxels']['voxels'], self.backbone)

    def _init_decode_head(self, decode_head: dict) -> None:
        """Build the head, which `EncoderDecoder3D` does after the backbone."""
        backbone: PointBackbone = check_part(self.backbone, PointBackbone, 'backbone')
        super()._init_decode_head({'channels': backbone.out_channels, **decode_head})
