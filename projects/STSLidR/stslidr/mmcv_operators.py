"""What stands in for mmcv's compiled operators where mmcv has none.

MMDetection3D imports ``mmcv.ops``, which wants the compiled module ``mmcv._ext``. mmcv-lite is mmcv
without it. Pretraining and segmentation here call no operator, so a module whose operators all
raise is enough. mmcv itself stays as it is: the module is made when the import system has found no
other, so a compiled one always wins.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, NoReturn

from stslidr.errors import MissingOperatorError

COMPILED_MODULE = 'mmcv._ext'


class MissingOperators(ModuleType):
    """A module that has every operator by name; each raises when it is called."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        """The stand-in for one operator; Python's own names are not operators."""
        if name.startswith('__'):
            raise AttributeError(f'module {self.__name__!r} has no attribute {name!r}')

        def missing_operator(*_args: Any, **_kwargs: Any) -> NoReturn:
            raise MissingOperatorError(
                f'mmcv operator {name} was called, but the installed mmcv has no compiled '
                'operators (mmcv-lite): run `make env MMCV=full`, or see docs/install.md'
            )

        return missing_operator


class MissingOperatorsFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds ``mmcv._ext``, and is asked last."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Claim the compiled module, which no other finder has found."""
        if fullname != COMPILED_MODULE:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin='operators that raise')

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Make the module of operators that raise."""
        return MissingOperators(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is to be run."""


def stand_in_for_missing_operators() -> None:
    """Let ``mmcv.ops`` be imported where mmcv has no compiled operators; once for a process."""
    if not any(isinstance(finder, MissingOperatorsFinder) for finder in sys.meta_path):
        sys.meta_path.append(MissingOperatorsFinder())
