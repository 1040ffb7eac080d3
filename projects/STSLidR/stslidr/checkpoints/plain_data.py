"""What a checkpoint may hold: data that needs no code to be read."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from stslidr.errors import InputError


def to_plain(value: Any, where: str) -> Any:
    """Return ``value`` made of tensors, Python scalars, strings, lists, tuples and dicts.

    Args:
        value: what a checkpoint is to hold; numpy arrays become tensors, mappings dicts.
        where: the key under which it stands, for the error.

    Raises:
        InputError: an object that is none of these; the text names its place.
    """
    if value is None or isinstance(value, torch.Tensor):
        return value
    for kind in (bool, int, float, str):
        if isinstance(value, kind):  # np.float64 and IntEnum are subclasses, and not plain
            return kind(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        if value.dtype.kind in 'biuf':
            return torch.from_numpy(value.copy())
        return to_plain(value.tolist(), where)
    if isinstance(value, Mapping):
        return {to_plain(k, where): to_plain(v, f'{where}.{k}') for k, v in value.items()}
    if isinstance(value, tuple):
        return tuple(to_plain(item, where) for item in value)
    if isinstance(value, list | set | frozenset | deque):
        return [to_plain(item, where) for item in value]
    if isinstance(value, Path):
        return str(value)
    raise InputError(f'{where} holds a {type(value).__name__}, which no plain checkpoint can store')
