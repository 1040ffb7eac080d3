"""Random draws that follow from (seed, epoch, sample) alone, never from a worker's history."""

from __future__ import annotations

import operator
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from stslidr.errors import InputError

MAX_SEED = 2**32


class SampleKey(NamedTuple):
    """What the sampler hands to a dataset: which sample, in which epoch, under which seed.

    A plain int stands for ``SampleKey(index)``, that is epoch 0 and seed 0.
    """

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs
    epoch: int = 0
    seed: int = 0


def derive_seed(*numbers: int) -> int:
    """Hash integers into one seed in [0, 2**32), the range that numpy accepts.

    How many numbers there are counts too: ``derive_seed(1) != derive_seed(1, 0)``, which
    ``np.random.SeedSequence`` alone, padding with zeros, would give the same seed.

    Raises:
        InputError: if a number lies outside [0, 2**32).
    """
    words = [operator.index(number) for number in numbers]
    if any(not 0 <= word < MAX_SEED for word in words):
        raise InputError(f'seeds derive from integers in [0, 2**32), got {words}; change `seed`')
    return int(np.random.SeedSequence([len(words), *words]).generate_state(1)[0])


@contextmanager
def seeded(*numbers: int) -> Iterator[int]:
    """Seed python's, numpy's and torch's CPU generators from `numbers` inside the block.

    All three states are put back afterwards, also after an error, so that a loader that works in
    the main process changes no draw outside. CUDA generators are not touched.

    Yields:
        The derived seed.
    """
    import torch  # takes a second, which those who only derive seeds need not wait

    seed = derive_seed(*numbers)
    before = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        random.seed(seed)
        np.random.seed(seed)
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed CUDA as well
        yield seed
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        torch.set_rng_state(before[2])
