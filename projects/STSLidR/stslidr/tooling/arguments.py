"""Values of command-line options, for argparse's ``type``: a wrong one is usage and one line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from stslidr.errors import InputError

SEEDS = range(2**32)
"""What numpy, torch and scikit-learn take as a seed."""


def named_path(text: str) -> Path:
    """A path that is not empty, as that of an unset variable of the shell is.

    Raises:
        argparse.ArgumentTypeError: it is.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError('it is empty')
    return Path(text)


def whole_number(allowed: range) -> Callable[[str], int]:
    """What reads a whole number of a range."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f'{text!r} is no whole number') from None
        if number not in allowed:
            raise argparse.ArgumentTypeError(
                f'{text} is not from {allowed.start} to {allowed.stop - 1}'
            )
        return number

    return read


def parse_pairs(option: str, form: str, entries: list[str]) -> dict[str, str]:
    """Parse `KEY=VALUE` entries of an option.

    Raises:
        InputError: if an entry has no `=`.
    """
    for entry in entries:
        if '=' not in entry:
            raise InputError(f'{option} {entry!r} is not of the form {form}')
    return dict(entry.split('=', 1) for entry in entries)
