"""What is shipped beside the packages: configs, studies, and the scripts of the tools."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).absolute().parents[1]
INSTALLED = PACKAGE / '.mim'
"""Where an installed package has them, as OpenMMLab's packages do."""
CHECKOUT = PACKAGE.parents[2]


def shipped_root() -> Path:
    """The folder that holds ``configs``, ``studies`` and ``tools``."""
    return INSTALLED if INSTALLED.is_dir() else CHECKOUT


def find_shipped(kind: str, given: str | Path, ending: str) -> Path:
    """The file that a user names by its path, or as one of those shipped.

    Args:
        kind: ``configs`` or ``studies``.
        given: the path of a file, which wins; or the name of a shipped one, with or without `kind`
            before it and `ending` behind it: ``configs/demo_slidr.py``, ``demo_slidr``.
        ending: of such files, with the dot.

    Returns:
        The file; `given` itself where there is neither.
    """
    path = Path(given).expanduser()
    if path.is_file() or path.is_absolute() or '..' in path.parts:
        return path
    inner = Path(*path.parts[1:]) if path.parts[:1] == (kind,) else path
    for name in (inner, Path(f'{inner}{ending}')):
        if (found := shipped_root() / kind / name).is_file():
            return found
    return path
