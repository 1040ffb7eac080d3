"""What damages checkpoints, for the tables of faults."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import torch

from support.faults import Damage
from support.faulty_world import World


class Runs:
    """Pickled, it runs a function when it is read."""

    def __reduce__(self) -> tuple:
        """Ask for the call."""
        return os.system, ('true',)


def content_of(name: str, edit: Callable[[dict], Any]) -> Damage:
    """What a checkpoint holds is changed, in place or by what `edit` returns."""
    return lambda world: world.edit_checkpoint(name, edit)


def saved(name: str, content: Any, **options: Any) -> Damage:
    """A file is what torch saves of this."""
    return lambda world: torch.save(content, world / name, **options)


def with_code(name: str) -> Damage:
    """The meta data of a checkpoint run code when they are unpickled."""

    def damage(world: World) -> None:
        content = torch.load(world / name, weights_only=True)
        torch.save({**content, 'meta': {'config': Runs()}}, world / name)

    return damage
