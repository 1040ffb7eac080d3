"""Values of command-line options, for argparse's ``type``: a wrong one is usage and one line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

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
