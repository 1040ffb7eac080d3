"""Files that are slightly wrong: bytes, and the values of a nest of dicts and lists."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    7,
    2**70,
    1e308,
    float('nan'),
    float('-inf'),
    '',
    'x',
    '../../x',
    '/etc/passwd',
    'a\0b',
    'é' * 300,
    [],
    [1],
    [[]],
    {},
    {'a': 1},
)
"""What a value is exchanged for."""


def change_bytes(data: bytes, draw: random.Random) -> bytes:
    """Bytes of a file with one to four changes: flipped, cut, doubled, inserted or zeroed."""
    changed = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        where = draw.randrange(len(changed) + 1)
        length = draw.choice((1, 1, 2, 4, 16, 256))
        kind = draw.randrange(6)
        if kind == 0 and where < len(changed):
            changed[where] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del changed[where:]
        elif kind == 2:
            del changed[where : where + length]
        elif kind == 3:
            changed[where:where] = changed[where : where + length]
        elif kind == 4:
            changed[where:where] = draw.randbytes(length)
        else:
            changed[where : where + length] = bytes(min(length, len(changed) - where))
    return bytes(changed)


def change_values(content: Any, draw: random.Random) -> Any:
    """A copy of a nest in which one to three values are others, gone, doubled or renamed."""
    changed = copy.deepcopy(content)
    for _ in range(draw.randint(1, 3)):
        places = list(_places(changed))
        if not places:
            return copy.deepcopy(draw.choice(ODD_VALUES))
        node, key = draw.choice(places)
        kind = draw.randrange(8)
        if kind == 0:
            del node[key]
        elif kind == 1 and isinstance(node, dict):
            node[draw.choice(('x', 7, '', key * 2 if isinstance(key, str) else 'y'))] = node[key]
        elif kind == 1:
            node.insert(key, copy.deepcopy(node[key]))
        elif kind == 2:
            node[key] = [node[key]]
        elif kind == 3:
            node[key] = _odd_like(node[key], draw)
        else:
            node[key] = copy.deepcopy(draw.choice(ODD_VALUES))
    return changed


def _places(node: Any) -> Any:
    """(container, key) of every value at any depth."""
    if isinstance(node, dict):
        items = list(node.items())
    elif isinstance(node, list):
        items = list(enumerate(node))
    else:
        return
    for key, value in items:
        yield node, key
        yield from _places(value)


def _odd_like(value: Any, draw: random.Random) -> Any:
    """A value of about the same kind."""
    if isinstance(value, torch.Tensor):
        odd: list[Callable[[], Any]] = [
            lambda: value.double(),
            lambda: value.flatten()[:1],
            lambda: torch.full(value.shape, float('nan')),
            lambda: value.to(torch.int8),
            lambda: value.unsqueeze(0),
        ]
        return draw.choice(odd)()
    if isinstance(value, np.ndarray):
        return draw.choice((value.ravel(), value.astype(str), value[:0], value.tolist()))
    if isinstance(value, bool | int | float):
        return draw.choice((-value, value + 1, str(value), float(value), [value]))
    if isinstance(value, str):
        return draw.choice((value[:-1], value * 2, value.upper(), value + '/..', list(value)))
    if isinstance(value, list):
        return draw.choice((value[:-1], value * 2, value[::-1], tuple(value)))
    return draw.choice(ODD_VALUES)
