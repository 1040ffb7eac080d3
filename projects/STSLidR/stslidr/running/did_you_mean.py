"""What somebody may have meant by a name that nothing knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

ALIKE = 0.7
"""`difflib`'s ratio from which a name is proposed."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; is 'temperature' meant?` for the most alike of the known names, or an empty text."""
    meant = difflib.get_close_matches(name, sorted(known), n=1, cutoff=ALIKE)
    return f'; is {meant[0]!r} meant?' if meant else ''
