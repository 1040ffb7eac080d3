"""A reader meets files that are slightly wrong: it reads them, or says what is wrong."""

from __future__ import annotations

import json
import os
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import yaml

from stslidr.tooling.run_tool import is_users_mistake
from support.mutations import change_bytes, change_values

BUDGET = int(os.environ.get('STSLIDR_FUZZ', '40'))
"""Changes of each file that `make test` makes; `make fuzz` makes more."""


MOST_MEMORY = 2.0
"""GiB, that the reading of files of some kilobytes may take."""
RESET, STATUS = Path('/proc/self/clear_refs'), Path('/proc/self/status')


def peak_memory() -> float:
    """Most memory of this process since it was last reset, GiB."""
    (line,) = (one for one in STATUS.read_text().splitlines() if one.startswith('VmHWM'))
    return int(line.split()[1]) / 2**20


def as_bytes(path: Path, draw: random.Random) -> None:
    path.write_bytes(change_bytes(path.read_bytes(), draw))


def as_json(path: Path, draw: random.Random) -> None:
    path.write_text(json.dumps(change_values(json.loads(path.read_text()), draw)))


def as_yaml(path: Path, draw: random.Random) -> None:
    content = change_values(yaml.safe_load(path.read_text()), draw)
    path.write_text(yaml.safe_dump(json.loads(json.dumps(content)), sort_keys=False))


def as_pickle(path: Path, draw: random.Random) -> None:
    path.write_bytes(pickle.dumps(change_values(pickle.loads(path.read_bytes()), draw)))


def as_checkpoint(path: Path, draw: random.Random) -> None:
    torch.save(change_values(dict(torch.load(path, weights_only=True)), draw), path)


def fuzz(
    path: Path, change: Callable[[Path, random.Random], None], read: Callable[[], Any]
) -> tuple[int, int]:
    """Change a file many times, each time from what it was, and read it.

    Returns:
        How many changes were read, and how many were refused with an error that a tool shows in
        one line.

    Raises:
        AssertionError: any other error came out, or memory was taken for what a file only states;
            names the change.
    """
    whole, name = path.read_bytes(), f'{path.name} {change.__name__}'
    done, refused = 0, 0
    RESET.write_text('5')
    allowed = peak_memory() + MOST_MEMORY
    try:
        for seed in range(BUDGET):
            change(path, random.Random(f'{name} {seed}'))
            try:
                read()
                done += 1
            except Exception as error:
                if not is_users_mistake(error) or not str(error).strip():
                    raise AssertionError(f'{name}, seed {seed}: {error!r}') from error
                refused += 1
            assert peak_memory() < allowed, f'{name}, seed {seed}: takes {peak_memory():.1f} GiB'
            path.unlink()
            path.write_bytes(whole)
    finally:
        path.write_bytes(whole)
    return done, refused
