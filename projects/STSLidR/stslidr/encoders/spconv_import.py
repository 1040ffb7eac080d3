"""What is used of spconv, imported in a second where there is no CUDA, instead of in five.

When spconv is imported it describes each of its 728 CUDA kernels, twice. Its CPU code reads none of
these descriptions, so without a CUDA device they are left out. To be imported before MMDetection3D,
which imports spconv too. spconv's files stay as they are.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

KERNEL_LISTS = ('ALL_NATIVE_PARAMS', 'ALL_IMPGEMM_PARAMS')
"""The lists in ``spconv.core`` that ``spconv.algo`` describes."""


@contextmanager
def _emptied(*lists: list[Any]) -> Iterator[None]:
    kept = [list(each) for each in lists]
    for each in lists:
        each.clear()
    try:
        yield
    finally:
        for each, content in zip(lists, kept, strict=True):
            each.extend(content)


def _import_spconv() -> None:
    """Import spconv without its deprecation warnings, and without CUDA kernels that cannot run."""
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', r'`torch\.cuda\.amp\.custom_', FutureWarning, r'spconv\.')
        if not torch.cuda.is_available():
            core = importlib.import_module('spconv.core')
            with _emptied(*(getattr(core, name, []) for name in KERNEL_LISTS)):
                importlib.import_module('spconv.pytorch')
        importlib.import_module('spconv.pytorch')


_import_spconv()

from spconv.core import ConvAlgo  # noqa: E402
from spconv.pytorch import SparseConvTensor  # noqa: E402
from spconv.pytorch.conv import SparseConvolutionBase  # noqa: E402

__all__ = ['ConvAlgo', 'SparseConvTensor', 'SparseConvolutionBase']
