"""How spconv is imported, by whomever: in a second where there is no CUDA, instead of in five.

spconv describes each of its 728 CUDA kernels, twice, as it is imported. Its CPU code reads none of
these descriptions, so without a CUDA device they are left out. Nor does anyone need to read, at
every start, that spconv uses an old name of torch's. spconv's files stay as they are.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Any

KERNEL_LISTS = ('ALL_NATIVE_PARAMS', 'ALL_IMPGEMM_PARAMS')
"""The lists in ``spconv.core`` of what ``spconv.algo`` describes."""


@contextmanager
def emptied(*lists: list[Any]) -> Iterator[None]:
    """The lists are empty within, and as before afterwards."""
    kept = [list(each) for each in lists]
    for each in lists:
        each.clear()
    try:
        yield
    finally:
        for each, content in zip(lists, kept, strict=True):
            each.extend(content)


@contextmanager
def _without_kernels() -> Iterator[None]:
    import torch

    core = importlib.import_module('spconv.core')
    lists = () if torch.cuda.is_available() else KERNEL_LISTS
    with emptied(*(getattr(core, name, []) for name in lists)):
        yield


@contextmanager
def _without_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', r'`torch\.cuda\.amp\.custom_', FutureWarning)
        yield


AROUND: dict[str, Callable[[], AbstractContextManager[None]]] = {
    'spconv.algo': _without_kernels,
    'spconv.pytorch.functional': _without_warnings,
}
"""Module of spconv -> what it is imported within."""


class SpconvFinder(importlib.abc.MetaPathFinder):
    """Finds a module of `AROUND` where the other finders do, and runs it within its context."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Claim a module of `AROUND`."""
        if fullname not in AROUND:
            return None
        for finder in sys.meta_path:
            if not isinstance(finder, SpconvFinder):
                spec = finder.find_spec(fullname, path, target)
                if spec is not None and spec.loader is not None:
                    spec.loader = _LoaderWithin(spec.loader, AROUND[fullname])
                    return spec
        return None


class _LoaderWithin(importlib.abc.Loader):
    """Runs a module within a context."""

    def __init__(
        self, loader: importlib.abc.Loader, around: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._loader, self._around = loader, around

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """As the loader does, within the context; the module keeps its own loader."""
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self._loader
        with self._around():
            self._loader.exec_module(module)


def load_spconv_fast() -> None:
    """Let spconv be imported so from now on; once for a process."""
    if not any(isinstance(finder, SpconvFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, SpconvFinder())
