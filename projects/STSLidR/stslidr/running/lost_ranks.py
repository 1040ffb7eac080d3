"""A process of a group that hangs or ends takes the others with it, each with one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from torch import distributed

from stslidr.errors import LostRankError

LOST = re.compile(r'gloo[/:]|NCCL|ProcessGroup|Connection (closed by peer|reset)|Socket Timeout')
"""What torch says, in errors of no class of their own, where another process does not answer."""


@contextmanager
def ends_with_the_others() -> Iterator[None]:
    """Say in one line that a group cannot go on, where torch has an error of its insides.

    Raises:
        LostRankError: another process has not answered in time, or has ended; instead of torch's.
    """
    try:
        yield
    except LostRankError:
        raise
    except RuntimeError as error:
        if not is_lost_rank(error):
            raise
        said = ' '.join(str(error).split())
        raise LostRankError(
            f'{_who()}: another process of this run has ended, or has not answered within '
            f'env_cfg.dist_cfg.timeout: what it says itself is the cause. Training goes on with '
            f'--resume. Here torch says: {said[:300]}'
        ) from error


def is_lost_rank(error: RuntimeError) -> bool:
    """Whether torch means that another process is gone, or hangs."""
    return isinstance(error, distributed.DistError) or LOST.search(str(error)) is not None


def _who() -> str:
    if not distributed.is_initialized():
        return 'the processes do not meet'
    return f'process {distributed.get_rank()} of {distributed.get_world_size()}'
