"""Sparse 3D convolutions on spconv, exact for any integer coordinates, on CPU and CUDA.

Five facts about spconv 2.3 shape this module:

- it wants coordinates >= 0, and a stride-2 convolution on an odd extent drops the last slice:
  `sparse_tensor` shifts the batch and rounds the grid up, both by multiples of 2**levels, so
  that the parent of a voxel is floor(c / 2) on every level, also for negative c;
- its indices are wrong on very large grids: above `MAX_CELLS` cells we refuse;
- its default algorithm needs CUDA: `SparseConv` chooses by the device of its input;
- under CUDA autocast it computes in float16, whatever type was asked for: see `SparseConv`;
- a 1x1 `SubMConv3d` reinterprets its weight's memory: a 1x1 convolution is an `nn.Linear` here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
from spconv.core import ConvAlgo
from spconv.pytorch import SparseConvTensor
from spconv.pytorch.conv import SparseConvolutionBase
from torch import Tensor, nn

from stslidr.core.voxels import MAX_CELLS
from stslidr.errors import InputError


def sparse_tensor(features: Tensor, coors: Tensor, levels: int) -> SparseConvTensor:
    """Put voxels on a grid that can be halved `levels` times without a remainder.

    One shift serves the whole batch and the rows keep their order.

    Args:
        features: float (V, C), V >= 1.
        coors: any integer type (V, 4), as (batch, axis0, axis1, axis2); the axes may be negative.
        levels: number of stride-2 convolutions that will follow.

    Raises:
        InputError: wrong shapes, types or devices, negative batch index, two voxels in one cell,
            or a grid of more than `MAX_CELLS` cells.
    """
    _check_voxels(features, coors)
    coors = coors.long()
    lowest, highest = torch.stack([coors.amin(0), coors.amax(0)]).tolist()
    if lowest[0] < 0:
        raise InputError(f'coors[:, 0] is the batch index and must be >= 0, got {lowest[0]}')
    cell = 2**levels
    origin = [0, *(low // cell * cell for low in lowest[1:])]
    batch_size = highest[0] + 1
    shape = [
        math.ceil((high + 1 - start) / cell) * cell
        for high, start in zip(highest[1:], origin[1:], strict=True)
    ]
    _check_volume(batch_size, shape)
    indices = coors - coors.new_tensor(origin)
    _check_unique(indices, shape)
    return SparseConvTensor(features, indices.int(), shape, batch_size)


def _check_voxels(features: Tensor, coors: Tensor) -> None:
    """Refuse voxels whose shapes, types or devices do not fit."""
    if features.ndim != 2 or not features.is_floating_point():
        raise InputError(
            f'voxels must be float (V, C), got {features.dtype} {tuple(features.shape)}'
        )
    if coors.dtype == torch.bool or coors.is_floating_point() or coors.is_complex():
        raise InputError(f'coors must be integers: floor them first, got {coors.dtype}')
    if coors.shape != (len(features), 4):
        raise InputError(
            f'coors must be ({len(features)}, 4), one row (batch, axis0, axis1, axis2) a voxel, '
            f'got {tuple(coors.shape)}'
        )
    if coors.device != features.device:
        raise InputError(f'voxels are on {features.device}, but coors on {coors.device}')


def _check_volume(batch_size: int, shape: list[int]) -> None:
    """Refuse grids on which spconv's index arithmetic cannot be trusted."""
    cells = batch_size * math.prod(shape)
    if cells > MAX_CELLS:
        raise InputError(
            f'a batch of {batch_size} grids of {shape} cells has {cells} cells, and spconv is only '
            f'trusted up to 2**32 = {MAX_CELLS}: use fewer samples a batch or larger voxels, or '
            'crop far points'
        )


def _check_unique(indices: Tensor, shape: list[int]) -> None:
    """Refuse two voxels in one cell, which spconv would silently merge or drop."""
    batch, axis0, axis1, axis2 = indices.unbind(1)
    keys = ((batch * shape[0] + axis0) * shape[1] + axis1) * shape[2] + axis2
    keys = keys.sort().values
    num_duplicates = int((keys[1:] == keys[:-1]).sum())
    if num_duplicates:
        raise InputError(
            f'{num_duplicates} of {len(indices)} voxels repeat the coordinates of another: '
            'voxelize first, one row a cell'
        )


def float16_autocast(device: torch.device) -> bool:
    """Whether CUDA autocast is on for tensors on `device`, and with float16."""
    return (
        device.type == 'cuda'
        and torch.is_autocast_enabled('cuda')
        and torch.get_autocast_dtype('cuda') == torch.float16
    )


class SparseConv(SparseConvolutionBase, nn.Module):
    """spconv's convolution without bias, as an ordinary torch module with an ordinary state dict.

    It is deliberately no `spconv.SparseModule`: MMDetection3D patches that class's loading, so
    that kernels from a state dict without `_metadata` (renamed keys, `init_cfg` with a prefix)
    are permuted, do not fit and stay unloaded. The patch does not reach these weights.

    It computes in the precision of its weight, or in half under CUDA autocast with float16;
    bfloat16, which spconv does not know, leaves it at the weight's.

    `weight` is (C_out, n, n, n, C_in). Takes and returns a `SparseConvTensor`.

    Args:
        in_channels: C_in.
        out_channels: C_out.
        kernel_size: n.
        indice_key: name under which layers on the same cells share their indices.
        stride: edge of the cells that become one.
        subm: submanifold, the active cells stay those of the input.
        inverse: go back to the cells from which the layer with the same key came.
        autocast: False keeps to the weight's precision also under autocast, for inputs that may
            exceed the 65504 of float16.
    """

    # what spconv's base class sets
    algo: ConvAlgo
    in_channels: int
    out_channels: int
    kernel_size: list[int]
    inverse: bool
    weight_shape: list[int]
    _conv_forward: Callable[..., SparseConvTensor]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        indice_key: str,
        stride: int = 1,
        subm: bool = False,
        inverse: bool = False,
        autocast: bool = True,
    ) -> None:
        SparseConvolutionBase.__init__(
            self,
            3,
            in_channels,
            out_channels,
            kernel_size,
            stride=stride,
            bias=False,
            subm=subm,
            inverse=inverse,
            indice_key=indice_key,
        )
        nn.Module.__init__(self)
        self._cuda_algo = self.algo
        self.autocast = autocast
        self.weight = nn.Parameter(torch.empty(self.weight_shape))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weight from U(+-1/sqrt(C * n^3)), C = C_out where transposed, else C_in."""
        channels = self.out_channels if self.inverse else self.in_channels
        bound = 1 / math.sqrt(channels * math.prod(self.kernel_size))
        nn.init.uniform_(self.weight, -bound, bound)

    def forward(self, inputs: SparseConvTensor) -> SparseConvTensor:
        """Convolve, in the precision that the class states."""
        features = inputs.features
        # All layers of one pass see one device, so layers that share a key agree on this.
        self.algo = self._cuda_algo if features.is_cuda else ConvAlgo.Native
        # spconv's `training` says whether to go through autograd. Always: without it, a network
        # in eval mode would lose its gradients on CUDA, and autocast would not be followed.
        convolve = partial(self._conv_forward, True, weight=self.weight, bias=None)
        if self.autocast and float16_autocast(features.device):
            return convolve(inputs)  # spconv casts both operands to half precision itself
        with torch.autocast(features.device.type, enabled=False):
            return convolve(inputs.replace_feature(features.to(self.weight.dtype)))

    def extra_repr(self) -> str:
        """Channels, kernel and key, for `print(model)`."""
        return (
            f'{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size[0]}, '
            f'indice_key={self.indice_key!r}'
        )


def submanifold_conv(
    in_channels: int, out_channels: int, level: int, autocast: bool = True
) -> SparseConv:
    """k3 s1 convolution whose active cells are those of its input, on grid level `level`."""
    return SparseConv(in_channels, out_channels, 3, f'subm{level}', subm=True, autocast=autocast)


def down_conv(in_channels: int, out_channels: int, level: int) -> SparseConv:
    """k2 s2 convolution from grid level `level` to the next coarser one."""
    return SparseConv(in_channels, out_channels, 2, f'down{level}', stride=2)


def up_conv(in_channels: int, out_channels: int, level: int) -> SparseConv:
    """k2 s2 transposed convolution back onto the cells that `down_conv(..., level)` started from.

    Each child cell takes `W[child offset]` times its parent, nothing is summed.
    """
    return SparseConv(in_channels, out_channels, 2, f'down{level}', inverse=True)
