"""Random draws of a scene: generators that follow from integers, and evenly spread draws."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from stslidr.core.seeding import derive_seed

# Fractional parts of multiples of these spread evenly over [0, 1) and keep clear of each other.
_STEPS = tuple(math.sqrt(prime) % 1 for prime in (5, 2, 3, 7, 11, 13, 17, 19, 23, 29))
_EVEN, _DUE = 901, 902


def generator(seed: int, *numbers: int) -> np.random.Generator:
    """A generator that follows from `seed` and other integers, which may be negative."""
    folded = (2 * number if number >= 0 else -2 * number - 1 for number in numbers)
    return np.random.default_rng(derive_seed(seed, *folded))


def choose(rng: np.random.Generator, shares: Mapping[str, float]) -> str:
    """A name, drawn by the shares, which need not sum to 1."""
    weights = np.array(list(shares.values()))
    return str(rng.choice(list(shares), p=weights / weights.sum()))


def evenly_spread(seed: int, scene: int, channel: int) -> float:
    """A number in [0, 1) for a scene; any few scenes in a row have theirs evenly spread.

    Args:
        seed: of the dataset; shifts the numbers of all scenes.
        scene: index.
        channel: 0 to 9; numbers of different channels are as good as independent.
    """
    return (generator(seed, _EVEN, channel).random() + scene * _STEPS[channel]) % 1


def times_due(seed: int, kind: int, rate: float, turn: int) -> int:
    """How often something that happens `rate` times a turn happens in one turn.

    Over any n turns in a row the sum is within 1 of n * rate.

    Args:
        seed: of the dataset; shifts when it happens first.
        kind: number of what happens; shifts it too.
        rate: mean number of times a turn.
        turn: index.
    """
    start = generator(seed, _DUE, kind).random()
    return math.floor((turn + 1) * rate + start) - math.floor(turn * rate + start)
