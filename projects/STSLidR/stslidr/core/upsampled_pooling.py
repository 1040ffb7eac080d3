"""Superpixel means of a map that is upsampled and normalised, without making that map.

A pixel of the upsampled map is e = sum_c w_c z_c over the four cells around it, and the mean takes
e / |e|. Two things follow. |e|^2 is a quadratic form in the dot products of neighbouring cells, and
the weights w are products of a row's and a column's, so all |e|^2 are a few products of small
matrices. And a superpixel's sum is linear in the cells: sum_p e_p / |e_p| = sum_c a_c z_c, where
a_c collects w_c / |e_p|. What is as large as the upsampled map has one channel, of one image.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from stslidr.core.pooling import count_members, mean_of_sums, superpixel_slots

VANISHING = 1e-14
"""|e|^2 below this share of sum_c w_c |z_c|^2 is rounding: such a pixel counts as 0."""


class Axis(NamedTuple):
    """How N pixels of an axis lie between n cells, corners aligned; float64."""

    first: Tensor
    """int64 (N,): the cell before each pixel, at most n - 2 where there are two."""
    shares: Tensor
    """(N, 2): the weights of that cell and of the next one."""
    squares: Tensor
    """(N, n): the squared weights, at the cells."""
    products: Tensor
    """(N, n - 1): twice the product of both weights, at the first cell; (N, 1) of 0 if n is 1."""


def axis_between(num_pixels: int, num_cells: int, device: torch.device) -> Axis:
    """The weights of `F.interpolate(mode='bilinear', align_corners=True)` along one axis."""
    pixels = torch.arange(num_pixels, dtype=torch.float64, device=device)
    places = pixels * ((num_cells - 1) / max(num_pixels - 1, 1))
    first = places.long().clamp_(max=max(num_cells - 2, 0))
    later = places - first
    shares = torch.stack([1.0 - later, later], dim=1)
    rows = torch.arange(num_pixels, device=device)
    squares = places.new_zeros(num_pixels, max(num_cells, 2))
    squares[rows, first] = shares[:, 0] ** 2
    squares[rows, first + 1] = shares[:, 1] ** 2
    products = places.new_zeros(num_pixels, max(num_cells - 1, 1))
    products[rows, first] = 2.0 * shares[:, 0] * shares[:, 1]
    return Axis(first, shares, squares[:, :num_cells], products)


def pool_unit_pixels(cells: Tensor, labels: Tensor, num_superpixels: int) -> tuple[Tensor, Tensor]:
    """Mean over superpixels of the unit rows of a map that is upsampled to the labels' size.

    Args:
        cells: (I, D, h, w), float32 or float64; gradients flow through it.
        labels: as `superpixel_slots` takes them, (I, H, W).
        num_superpixels: S, ids an image may use.

    Returns:
        means (I * S, D) and int64 counts of pixels (I * S,), by slot.
    """
    slots = superpixel_slots(labels, num_superpixels).flatten()
    sums = sum_unit_pixels(cells, labels, num_superpixels)
    return mean_of_sums(sums.flatten(0, 1), count_members(slots, len(labels) * num_superpixels))


def sum_unit_pixels(cells: Tensor, labels: Tensor, num_superpixels: int) -> Tensor:
    """Sums over superpixels of the unit rows of an upsampled map.

    A pixel of length 0 stays 0. The map is as `F.interpolate` makes it, bilinear with corners
    aligned, of the size of the labels.

    Args:
        cells: (I, D, h, w), float32 or float64; gradients flow through it.
        labels: superpixel ids of each pixel, any integer dtype, (I, H, W), all in 0 .. S - 1.
        num_superpixels: S.

    Returns:
        (I, S, D) in the dtype of `cells`.

    Raises:
        ValueError: labels of more or fewer images.
    """
    if len(labels) != len(cells):
        raise ValueError(f'there are labels of {len(labels)} images and maps of {len(cells)}')
    return _SumUnitPixels.apply(cells, labels, num_superpixels)


class _SumUnitPixels(torch.autograd.Function):
    """Image by image; the backward pass makes the coefficients a_c anew."""

    @staticmethod
    def forward(ctx: Any, cells: Tensor, labels: Tensor, num_superpixels: int) -> Tensor:
        axes = _axes_of(cells, labels)
        inverse = torch.empty(labels.shape, dtype=cells.dtype, device=cells.device)
        sums = cells.new_empty(len(cells), num_superpixels, cells.shape[1])
        with torch.autocast(cells.device.type, enabled=False):
            for number, (image, own) in enumerate(zip(cells, labels, strict=True)):
                lengths = inverse_lengths(image, *axes)
                inverse[number] = lengths
                places = _Places(own, axes, image.shape[1:])
                coefficients = places.collect(lengths, num_superpixels).to(image.dtype)
                torch.mm(coefficients, image.flatten(1).T, out=sums[number])
        ctx.save_for_backward(cells, labels, inverse)
        return sums

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_sums: Tensor) -> tuple[Tensor, None, None]:
        cells, labels, inverse = ctx.saved_tensors
        axes = _axes_of(cells, labels)
        gradient = torch.empty_like(cells)
        with torch.autocast(cells.device.type, enabled=False):
            for number, (image, own) in enumerate(zip(cells, labels, strict=True)):
                lengths, grad_sum = inverse[number].double(), grad_sums[number]
                places = _Places(own, axes, image.shape[1:])
                coefficients = places.collect(lengths, len(grad_sum)).to(image.dtype)
                by_cell = (grad_sum.T @ coefficients).view_as(image)
                by_length = places.gather(grad_sum @ image.flatten(1))
                by_square = by_length * lengths**3 * -0.5
                gradient[number] = by_cell.add_(_grad_of_squares(image, by_square, *axes))
        return gradient, None, None


def _axes_of(cells: Tensor, labels: Tensor) -> tuple[Axis, Axis]:
    rows, columns = zip(labels.shape[1:], cells.shape[2:], strict=True)
    return axis_between(*rows, cells.device), axis_between(*columns, cells.device)


def inverse_lengths(image: Tensor, rows: Axis, columns: Axis) -> Tensor:
    """1 / |e| of each pixel of the upsampled image, float64 (H, W); 0 where e is 0.

    Args:
        image: (D, h, w).
        rows: of the H rows of pixels between the h of cells.
        columns: of the W columns.
    """
    # float64: where neighbours point away from one another, most of the digits cancel
    own, right, below, across = _dot_products(image.double())
    squared = rows.squares @ (own @ columns.squares.T + right @ columns.products.T)
    squared += rows.products @ (below @ columns.squares.T + across @ columns.products.T)
    largest = _spread(own, rows, columns)
    vanishes = squared <= VANISHING * largest
    return squared.masked_fill_(vanishes, 1.0).rsqrt_().masked_fill_(vanishes, 0.0)


def _spread(own: Tensor, rows: Axis, columns: Axis) -> Tensor:
    """sum_c w_c own_c at each pixel."""
    top, left = rows.first, columns.first
    bottom = (top + 1).clamp(max=own.shape[0] - 1)
    right = (left + 1).clamp(max=own.shape[1] - 1)
    between = own[top] * rows.shares[:, :1] + own[bottom] * rows.shares[:, 1:]
    return between[:, left] * columns.shares[:, 0] + between[:, right] * columns.shares[:, 1]


def _dot_products(image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """z.z of a cell with itself, the right one, the lower one; both diagonals of four, halved.

    (h, w), (h, w - 1), (h - 1, w) and (h - 1, w - 1); 1 of 0 instead of none.
    """
    own = (image * image).sum(dim=0)
    right = (image[:, :, :-1] * image[:, :, 1:]).sum(dim=0)
    below = (image[:, :-1] * image[:, 1:]).sum(dim=0)
    across = (image[:, :-1, :-1] * image[:, 1:, 1:]).sum(dim=0)
    across += (image[:, :-1, 1:] * image[:, 1:, :-1]).sum(dim=0)
    return own, _at_least_one(right, 1), _at_least_one(below, 0), _both(across.div_(2.0))


def _at_least_one(values: Tensor, dim: int) -> Tensor:
    if values.shape[dim]:
        return values
    shape = list(values.shape)
    shape[dim] = 1
    return values.new_zeros(shape)


def _both(values: Tensor) -> Tensor:
    return _at_least_one(_at_least_one(values, 0), 1)


def _grad_of_squares(image: Tensor, by_square: Tensor, rows: Axis, columns: Axis) -> Tensor:
    """Gradient by the cells (D, h, w) of what depends on |e|^2, given that by |e|^2 (H, W)."""
    height, width = image.shape[1:]
    by_columns = by_square @ columns.squares, by_square @ columns.products
    own = (rows.squares.T @ by_columns[0]).to(image.dtype)
    right = (rows.squares.T @ by_columns[1])[:, : width - 1].to(image.dtype)
    below = (rows.products.T @ by_columns[0])[: height - 1].to(image.dtype)
    across = (rows.products.T @ by_columns[1])[: height - 1, : width - 1].to(image.dtype)
    across = across / 2.0
    gradient = 2.0 * own * image
    gradient[:, :, :-1] += right * image[:, :, 1:]
    gradient[:, :, 1:] += right * image[:, :, :-1]
    gradient[:, :-1] += below * image[:, 1:]
    gradient[:, 1:] += below * image[:, :-1]
    gradient[:, :-1, :-1] += across * image[:, 1:, 1:]
    gradient[:, 1:, 1:] += across * image[:, :-1, :-1]
    gradient[:, :-1, 1:] += across * image[:, 1:, :-1]
    gradient[:, 1:, :-1] += across * image[:, :-1, 1:]
    return gradient


class _Places:
    """Where the pixels of one image lie in a matrix of superpixels and cells, (S, h * w)."""

    def __init__(self, labels: Tensor, axes: tuple[Axis, Axis], size: tuple[int, ...]) -> None:
        (rows, columns), (self.height, self.width) = axes, size
        self.shares = rows.shares, columns.shares
        down = self.width if self.height > 1 else 0
        across = 1 if self.width > 1 else 0
        first = rows.first[:, None] * self.width + columns.first
        self.first = labels.long() * (self.height * self.width) + first
        self.steps = ((0, 0, 0), (0, 1, across), (1, 0, down), (1, 1, down + across))

    def collect(self, values: Tensor, num_superpixels: int) -> Tensor:
        """Sum values (H, W) times the cells' weights, float64 (S, h * w)."""
        by_row, by_column = self.shares
        total = num_superpixels * self.height * self.width
        weighted = [
            values * by_row[:, one, None] * by_column[:, other] for one, other, _ in self.steps
        ]
        keys = torch.cat([(self.first + step).flatten() for _, _, step in self.steps])
        sums = _sum_by_key(keys, torch.cat([part.flatten() for part in weighted]), total)
        return sums.view(num_superpixels, -1)

    def gather(self, matrix: Tensor) -> Tensor:
        """Of a matrix (S, h * w) the sum over the cells around each pixel, weighted, (H, W)."""
        by_row, by_column = self.shares
        flat = matrix.flatten()
        parts = [
            flat[self.first + step] * by_row[:, one, None] * by_column[:, other]
            for one, other, step in self.steps
        ]
        return torch.stack(parts).sum(dim=0)


def _sum_by_key(keys: Tensor, values: Tensor, total: int) -> Tensor:
    """Sums of the values of each key; in one order, so that a run can be repeated."""
    if keys.is_cuda:  # bincount would use atomics there; this sorts
        return values.new_zeros(total).index_put_((keys,), values, accumulate=True)
    return torch.bincount(keys, values, minlength=total)
