"""What a command is called: a script of a checkout, or what an installed package has for it."""

from __future__ import annotations

import re

from stslidr.files.shipped import INSTALLED, shipped_root

SCRIPT = re.compile(r'(?:python )?tools/(\w+)\.py')


def as_installed(text: str) -> str:
    """A text in which ``tools/create_data.py`` is ``stslidr-create-data``, and so on."""
    return SCRIPT.sub(lambda found: f'stslidr-{found[1].replace("_", "-")}', text)


def as_called(text: str) -> str:
    """A text that names scripts of a checkout, for the reader of this installation."""
    return as_installed(text) if shipped_root() == INSTALLED else text
