"""The project folder, as MMDetection3D lays projects out: ``projects.STSLidR.stslidr``.

The packages themselves are ``stslidr``, the plugin, ``stslidr_city`` and ``stslidr_studies``.
Inside a checkout the config line
``custom_imports = dict(imports=['projects.STSLidR.stslidr.plugin'])`` and an installed user's
``stslidr.plugin`` must be the same modules: two copies would register every component twice and
break ``isinstance``. So the long names are made aliases of the short ones.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

FOLDER = Path(__file__).resolve().parent
PACKAGES = ('stslidr', 'stslidr_city', 'stslidr_studies')


class AliasFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers an import of ``projects.STSLidR.stslidr[.x]`` with ``stslidr[.x]``, and so on."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Claim the alias and the modules under it that exist."""
        prefix, _, name = fullname.partition(f'{__name__}.')
        if prefix or name.partition('.')[0] not in PACKAGES:
            return None
        real = _real_spec(fullname)
        if real is None:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=real.origin)
        spec.submodule_search_locations = real.submodule_search_locations
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Import the real module; keep its own spec safe from the import machinery."""
        module = importlib.import_module(_real_name(spec.name))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module, which has run under its real name, its own spec back."""
        module.__spec__ = module.__spec__.loader_state

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the real module's code, for ``python -m``."""
        real = _real_spec(fullname)
        return real.loader.get_code(real.name)


def _real_name(alias: str) -> str:
    return alias.removeprefix(f'{__name__}.')


def _real_spec(alias: str) -> importlib.machinery.ModuleSpec | None:
    return importlib.util.find_spec(_real_name(alias))


def install_alias() -> None:
    """Make this folder's ``stslidr`` importable, and the long name its alias.

    Raises:
        ImportError: another copy of ``stslidr`` has been imported already.
    """
    loaded = sys.modules.get('stslidr')
    if loaded is None:
        sys.path.insert(0, str(FOLDER))
        loaded = importlib.import_module('stslidr')
    found = Path(loaded.__file__).resolve().parent
    if found != FOLDER / 'stslidr':
        raise ImportError(
            f'stslidr is already imported from {found}, but this checkout holds another copy in '
            f'{FOLDER / "stslidr"}: run `pip install -e .` in this checkout, or uninstall the other'
        )
    if not any(isinstance(finder, AliasFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, AliasFinder())


install_alias()
