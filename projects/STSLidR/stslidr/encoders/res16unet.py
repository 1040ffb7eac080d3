"""Res16UNet, the sparse residual U-Net of SLidR and ST-SLidR (Res16UNet34C by default), on spconv.

    stem      k3                                                    level 0
    encoder   L x (k2 s2 convolution, residual blocks)              level 1 ... L
    decoder   L x (k2 s2 transposed, concat (up, skip), blocks)     level L-1 ... 0

A level halves the grid. The skips are the outputs of encoder stages L-1 ... 1 and of the stem.
Every convolution is without bias and followed by batch norm and ReLU, as published.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from spconv.pytorch import SparseConvTensor
from torch import Tensor, nn
from torch.nn import functional as F

from stslidr.encoders.sparse import SparseConv, down_conv, sparse_tensor, submanifold_conv, up_conv
from stslidr.errors import InputError

RES16UNET34C_PLANES = (32, 64, 128, 256, 256, 128, 96, 96)
RES16UNET34C_BLOCKS = (2, 3, 4, 6, 2, 2, 2, 2)


class VoxelNorm(nn.BatchNorm1d):
    """Batch norm over the rows, which leaves one row alone to the running statistics.

    One row has no variance: torch refuses it in training mode, and a single small sweep, whose
    coarsest level is one voxel, would end the run. Such a row is normalised as in eval mode and
    leaves the statistics as they are, a deviation from the published code, which would stop too.
    SyncBatchNorm, which counts the rows of all processes, replaces this class as any batch norm.
    """

    def forward(self, rows: Tensor) -> Tensor:
        """Normalise (V, C)."""
        if self.training and len(rows) == 1:
            return F.batch_norm(
                rows, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        return super().forward(rows)


class ConvNormReLU(nn.Module):
    """Sparse convolution, batch norm over the voxels, ReLU."""

    def __init__(self, conv: SparseConv, eps: float, momentum: float) -> None:
        super().__init__()
        self.conv = conv
        self.norm = VoxelNorm(conv.out_channels, eps, momentum)

    def forward(self, x: SparseConvTensor) -> SparseConvTensor:
        """Take and return features on a grid level (two levels for strided convolutions)."""
        x = self.conv(x)
        return x.replace_feature(F.relu(self.norm(x.features), inplace=True))


class ResidualBlock(nn.Module):
    """relu(norm2(conv2(relu(norm1(conv1(x))))) + shortcut(x)), on one grid level.

    The shortcut is the identity, or a 1x1 convolution and batch norm where the channels change.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        level: int,
        eps: float,
        momentum: float,
        shortcut_momentum: float,
    ) -> None:
        super().__init__()
        self.conv1 = submanifold_conv(in_channels, out_channels, level)
        self.norm1 = VoxelNorm(out_channels, eps, momentum)
        self.conv2 = submanifold_conv(out_channels, out_channels, level)
        self.norm2 = VoxelNorm(out_channels, eps, momentum)
        self.shortcut: nn.Module = nn.Identity()
        if in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Linear(in_channels, out_channels, bias=False),
                VoxelNorm(out_channels, eps, shortcut_momentum),
            )

    def forward(self, x: SparseConvTensor) -> SparseConvTensor:
        """Take (V, in_channels) features on a grid level, return (V, out_channels) ones."""
        out = self.conv1(x)
        out = self.conv2(out.replace_feature(F.relu(self.norm1(out.features), inplace=True)))
        residual = self.norm2(out.features) + self.shortcut(x.features)
        return out.replace_feature(F.relu(residual, inplace=True))


class EncoderStage(nn.Module):
    """Halve the grid, then residual blocks."""

    def __init__(self, down: ConvNormReLU, blocks: nn.Sequential) -> None:
        super().__init__()
        self.down = down
        self.blocks = blocks

    def forward(self, x: SparseConvTensor) -> SparseConvTensor:
        """Take features on one grid level, return them on the next coarser one."""
        return self.blocks(self.down(x))


class DecoderStage(nn.Module):
    """Double the grid, concatenate the skip, then residual blocks."""

    def __init__(self, up: ConvNormReLU, blocks: nn.Sequential) -> None:
        super().__init__()
        self.up = up
        self.blocks = blocks

    def forward(self, x: SparseConvTensor, skip: SparseConvTensor) -> SparseConvTensor:
        """Take features on a grid level and the skip on the next finer one, return the latter."""
        x = self.up(x)
        return self.blocks(x.replace_feature(torch.cat([x.features, skip.features], dim=1)))


class Res16UNet(nn.Module):
    """Sparse residual U-Net over voxels, with MMDetection3D's contract `backbone(voxels, coors)`.

    Args:
        in_channels: features of a voxel.
        stem_channels: width of the stem.
        planes: width of each stage, encoder then decoder; half of them are the number of levels.
        blocks: residual blocks of each stage, as many numbers as `planes` has.
        out_channels: outputs of a last 1x1 convolution with bias (the published `final`);
            None ends the network with the decoder.
        bn_eps: epsilon of every batch norm.
        bn_momentum: momentum of the norms of stem, down and up convolutions and shortcuts.
        block_bn_momentum: momentum of the other norms in the blocks; the published code never
            passed its 0.05 on to them.

    Attributes:
        out_channels: columns of the output.
        num_levels: number of times that the grid is halved.
    """

    def __init__(
        self,
        in_channels: int = 1,
        stem_channels: int = 32,
        planes: Sequence[int] = RES16UNET34C_PLANES,
        blocks: Sequence[int] = RES16UNET34C_BLOCKS,
        out_channels: int | None = None,
        bn_eps: float = 1e-5,
        bn_momentum: float = 0.05,
        block_bn_momentum: float = 0.1,
    ) -> None:
        super().__init__()
        _check_config(in_channels, stem_channels, planes, blocks, out_channels)
        self.in_channels = in_channels
        self.num_levels = len(planes) // 2
        conv_norm = partial(ConvNormReLU, eps=bn_eps, momentum=bn_momentum)
        residual_blocks = partial(
            _residual_blocks, eps=bn_eps, momentum=block_bn_momentum, shortcut_momentum=bn_momentum
        )
        self.stem = conv_norm(submanifold_conv(in_channels, stem_channels, level=0, autocast=False))
        width, skip_widths = stem_channels, []
        self.encoder = nn.ModuleList()
        for level in range(self.num_levels):
            skip_widths.append(width)
            down = conv_norm(down_conv(width, width, level))
            stage = residual_blocks(width, planes[level], blocks[level], level + 1)
            self.encoder.append(EncoderStage(down, stage))
            width = planes[level]
        self.decoder = nn.ModuleList()
        decoder_stages = zip(planes[self.num_levels :], blocks[self.num_levels :], strict=True)
        for level, (plane, num_blocks) in zip(
            reversed(range(self.num_levels)), decoder_stages, strict=True
        ):
            up = conv_norm(up_conv(width, plane, level))
            stage = residual_blocks(plane + skip_widths.pop(), plane, num_blocks, level)
            self.decoder.append(DecoderStage(up, stage))
            width = plane
        self.final = nn.Identity() if out_channels is None else nn.Linear(width, out_channels)
        self.out_channels = width if out_channels is None else out_channels

    def forward(self, voxels: Tensor, coors: Tensor) -> Tensor:
        """Compute one feature a voxel.

        Args:
            voxels: float (V, in_channels).
            coors: integers (V, 4) as (batch, axis0, axis1, axis2); negative axes are fine.

        Returns:
            float (V, out_channels), rows in the order of the input. An empty batch gives no row
            but a graph through every parameter, so that DDP gets all the gradients it waits for.
            That serves plain batch norm alone: SyncBatchNorm's own exchange would still wait for
            the process with the empty batch.

        Raises:
            InputError: input that `sparse_tensor` refuses, or other than `in_channels` features.
        """
        if voxels.ndim != 2 or voxels.shape[1] != self.in_channels:
            raise InputError(
                f'voxels must be (V, in_channels={self.in_channels}), got {tuple(voxels.shape)}'
            )
        if not len(voxels) and coors.shape == (0, 4):
            anchor = torch.stack([parameter.sum() for parameter in self.parameters()]).sum()
            return voxels.new_zeros(0, self.out_channels) + anchor
        x = self.stem(sparse_tensor(voxels, coors, self.num_levels))
        skips = []
        for stage in self.encoder:
            skips.append(x)
            x = stage(x)
        for stage in self.decoder:
            x = stage(x, skips.pop())
        return self.final(x.features)


def _residual_blocks(
    in_channels: int, out_channels: int, num_blocks: int, level: int, **norm: float
) -> nn.Sequential:
    """`num_blocks` residual blocks, of which the first changes the channels."""
    widths = [in_channels] + [out_channels] * (num_blocks - 1)
    return nn.Sequential(*(ResidualBlock(width, out_channels, level, **norm) for width in widths))


def _check_config(
    in_channels: int,
    stem_channels: int,
    planes: Sequence[int],
    blocks: Sequence[int],
    out_channels: int | None,
) -> None:
    """Refuse a configuration that names no network, with the key that is wrong."""
    named = {
        'in_channels': [in_channels],
        'stem_channels': [stem_channels],
        'planes': planes,
        'blocks': blocks,
        'out_channels': [] if out_channels is None else [out_channels],
    }
    for key, values in named.items():
        if (
            isinstance(values, str)
            or not isinstance(values, Sequence)
            or any(
                isinstance(value, bool) or not isinstance(value, int) or value < 1
                for value in values
            )
        ):
            raise InputError(f'{key} must consist of positive integers, got {values}')
    if not planes or len(planes) % 2:
        raise InputError(
            f'planes must hold a width for each stage of encoder and decoder, an even '
            f'number of them, got {len(planes)}: {planes}'
        )
    if len(blocks) != len(planes):
        raise InputError(f'blocks must be as many as planes ({len(planes)}), got {len(blocks)}')
