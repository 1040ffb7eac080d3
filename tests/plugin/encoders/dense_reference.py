"""The layers of Res16UNet as dense convolutions on a masked grid, for comparison.

Cell c of level l (voxel coordinates, a multiple of 2**l) is the array index (c - LOWEST) / 2**l,
so stride-2 parents are floor(c / 2) by construction: LOWEST is a multiple of 16.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

LOWEST = -16
SIZE = 32


def random_voxels(num_voxels: int, channels: int, seed: int) -> tuple[Tensor, Tensor]:
    """Distinct voxels of 2 samples: odd extents 13, 7 and 21 around 0, corners included."""
    generator = torch.Generator().manual_seed(seed)
    low, high = torch.tensor([-7, -3, -11]), torch.tensor([5, 3, 9])
    corners = torch.stack([torch.tensor([0, *low]), torch.tensor([1, *high])])
    axes = [torch.arange(2), *(torch.arange(a, b + 1) for a, b in zip(low, high, strict=True))]
    cells = torch.cartesian_prod(*axes)
    cells = cells[torch.randperm(len(cells), generator=generator)[:num_voxels]]
    coors = torch.unique(torch.cat([corners, cells]), dim=0)
    coors = coors[torch.randperm(len(coors), generator=generator)]
    voxels = torch.randn(len(coors), channels, generator=generator, dtype=torch.float64)
    return voxels, coors


def cell_index(coors: Tensor, stride: int = 1) -> tuple[Tensor, ...]:
    """Indices into a (B, n, n, n) array of cells given by the coordinates of level log2(stride)."""
    return (coors[:, 0], *((coors[:, 1:] - LOWEST) // stride).unbind(1))


def to_dense(features: Tensor, coors: Tensor) -> tuple[Tensor, Tensor]:
    """Features (B, C, n, n, n), zero in inactive cells, and the mask (B, n, n, n) of level 0."""
    batch_size = int(coors[:, 0].max()) + 1
    mask = torch.zeros(batch_size, SIZE, SIZE, SIZE, dtype=torch.bool)
    mask[cell_index(coors)] = True
    dense = torch.zeros(*mask.shape, features.shape[1], dtype=features.dtype)
    return dense.index_put(cell_index(coors), features).movedim(-1, 1), mask


def gather(dense: Tensor, coors: Tensor, stride: int = 1) -> Tensor:
    """Rows (V, C) of a dense (B, C, n, n, n) array."""
    return dense.movedim(1, -1)[cell_index(coors, stride)]


def coarser(mask: Tensor) -> Tensor:
    """A cell is active where one of its eight children is."""
    return F.max_pool3d(mask.float().unsqueeze(1), 2).squeeze(1).bool()


def subm_conv(x: Tensor, weight: Tensor, mask: Tensor) -> Tensor:
    return F.conv3d(x, weight.permute(0, 4, 1, 2, 3), padding=1) * mask.unsqueeze(1)


def down_conv(x: Tensor, weight: Tensor, coarse_mask: Tensor) -> Tensor:
    return F.conv3d(x, weight.permute(0, 4, 1, 2, 3), stride=2) * coarse_mask.unsqueeze(1)


def up_conv(x: Tensor, weight: Tensor, fine_mask: Tensor) -> Tensor:
    up = F.conv_transpose3d(x, weight.permute(4, 0, 1, 2, 3), stride=2)
    return up * fine_mask.unsqueeze(1)


class DenseUNet:
    """Res16UNet written out densely over the tensors of its state dict; any number of levels."""

    def __init__(self, tensors: dict[str, Tensor], training: bool, eps: float = 1e-5) -> None:
        self.tensors, self.training, self.eps = tensors, training, eps
        self.batch_statistics: dict[str, tuple[Tensor, Tensor, int]] = {}

    def norm(self, name: str, x: Tensor, mask: Tensor) -> Tensor:
        rows = x.movedim(1, -1)[mask]
        if self.training:
            mean, var = rows.mean(0), rows.var(0, unbiased=False)
            self.batch_statistics[name] = (mean.detach(), var.detach(), len(rows))
        else:
            mean, var = (self.tensors[f'{name}.running_{which}'] for which in ('mean', 'var'))
        weight, bias = self.tensors[f'{name}.weight'], self.tensors[f'{name}.bias']
        rows = (rows - mean) / torch.sqrt(var + self.eps) * weight + bias
        return (
            torch.zeros_like(x.movedim(1, -1))
            .masked_scatter(mask.unsqueeze(-1), rows)
            .movedim(-1, 1)
        )

    def block(self, name: str, x: Tensor, mask: Tensor) -> Tensor:
        out = subm_conv(x, self.tensors[f'{name}.conv1.weight'], mask)
        out = self.norm(f'{name}.norm1', out, mask).relu()
        out = subm_conv(out, self.tensors[f'{name}.conv2.weight'], mask)
        out = self.norm(f'{name}.norm2', out, mask)
        if f'{name}.shortcut.0.weight' in self.tensors:
            x = torch.einsum('oi,bixyz->boxyz', self.tensors[f'{name}.shortcut.0.weight'], x)
            x = self.norm(f'{name}.shortcut.1', x, mask)
        return (out + x).relu()

    def blocks(self, stage: str, x: Tensor, mask: Tensor) -> Tensor:
        index = 0
        while f'{stage}.blocks.{index}.conv1.weight' in self.tensors:
            x = self.block(f'{stage}.blocks.{index}', x, mask)
            index += 1
        return x

    def __call__(self, voxels: Tensor, coors: Tensor, num_levels: int) -> Tensor:
        x, mask = to_dense(voxels, coors)
        masks = [mask]
        x = subm_conv(x, self.tensors['stem.conv.weight'], mask)
        x = self.norm('stem.norm', x, mask).relu()
        skips = []
        for level in range(num_levels):
            skips.append(x)
            masks.append(coarser(masks[-1]))
            stage = f'encoder.{level}'
            x = down_conv(x, self.tensors[f'{stage}.down.conv.weight'], masks[-1])
            x = self.norm(f'{stage}.down.norm', x, masks[-1]).relu()
            x = self.blocks(stage, x, masks[-1])
        for index in range(num_levels):
            level, stage = num_levels - 1 - index, f'decoder.{index}'
            x = up_conv(x, self.tensors[f'{stage}.up.conv.weight'], masks[level])
            x = self.norm(f'{stage}.up.norm', x, masks[level]).relu()
            x = self.blocks(stage, torch.cat([x, skips[level]], dim=1), masks[level])
        return gather(x, coors)
