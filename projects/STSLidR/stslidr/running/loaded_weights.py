"""Whether a run gets the weights that it names."""

from __future__ import annotations

from mmengine.logging import print_log
from torch import nn

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.errors import InputError
from stslidr.text import shorten


def check_fit(checkpoint: Checkpoint, model: nn.Module, resumed: bool) -> None:
    """Refuse weights of which the model takes none; say in the log how many it takes.

    Args:
        checkpoint: what is to be loaded.
        model: what is to load it, without a parallel wrapper.
        resumed: the run goes on, so all of the model must be there.

    Raises:
        InputError: no tensor fits, or, of a resumed run, not every one; one that fits holds NaN or
            infinity.
    """
    if resumed:
        checkpoint.check_weights(model)
        return
    state = model.state_dict()
    fitting = checkpoint.fitting(state)
    if not fitting:
        raise InputError(
            f'{checkpoint.path}: none of its {len(checkpoint.weights)} tensors fits the model, so '
            f'training would start from random weights: it has {shorten(checkpoint.weights)}, the '
            f'model {shorten(state)}'
        )
    checkpoint.check_finite(fitting)
    print_log(
        f'{checkpoint.path}: {len(fitting)} of the {len(state)} tensors of the model are loaded, '
        f'{len(state) - len(fitting)} start anew',
        logger='current',
    )
