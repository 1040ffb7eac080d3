"""From a pretraining checkpoint to a segmentor: what fits, and what must."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from stslidr.errors import InputError
from stslidr.text import shorten

BACKBONE = 'backbone.'
MANY = 3
"""Of more names of one part only the number is logged."""


@dataclass(frozen=True)
class Transfer:
    """What a checkpoint's tensors become, by name.

    Args:
        checkpoint: its path.
        loaded: names that both have, with the same shape.
        dropped: names of the checkpoint that the model does not have, or with another shape.
        initial: names of the model that keep their initial values.
    """

    checkpoint: str
    loaded: tuple[str, ...]
    dropped: tuple[str, ...]
    initial: tuple[str, ...]

    def describe(self) -> str:
        """A few lines for the log: names, or their number where a part of the model has many."""
        lines = [f'{title}: {_by_part(names)}' for title, names in self._lists()]
        return '\n'.join((f'weights from {self.checkpoint}', *lines))

    def listing(self) -> str:
        """Every name, one a line under its title."""
        lines = [
            line
            for title, names in self._lists()
            for line in (f'# {title} ({len(names)})', *names, '')
        ]
        return '\n'.join((f'# weights from {self.checkpoint}', '', *lines))

    def _lists(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return (
            ('loaded', self.loaded),
            ('dropped, as the model has no such tensor of this shape', self.dropped),
            ('left at the initial value', self.initial),
        )


def plan_transfer(model: nn.Module, weights: Mapping[str, Tensor], checkpoint: str) -> Transfer:
    """Compare a checkpoint with a model.

    Args:
        model: the segmentor, with a ``backbone``.
        weights: tensors by name, of a pretrainer or of another segmentor.
        checkpoint: its path.

    Raises:
        InputError: if a tensor of the backbone is not in the checkpoint, has another shape there or
            is not finite.
    """
    own = model.state_dict()
    fits = {
        name for name, value in weights.items() if name in own and own[name].shape == value.shape
    }
    _check_backbone(
        {name: value for name, value in own.items() if name.startswith(BACKBONE)},
        weights,
        checkpoint,
    )
    return Transfer(
        checkpoint=checkpoint,
        loaded=tuple(name for name in own if name in fits),
        dropped=tuple(name for name in weights if name not in fits),
        initial=tuple(name for name in own if name not in fits),
    )


def check_loaded(model: nn.Module, weights: Mapping[str, Tensor], transfer: Transfer) -> None:
    """Refuse a model whose tensors are not those of the checkpoint, bit for bit.

    MMDetection3D permutes the kernels of spconv's own modules when it takes a checkpoint for an
    old one, and then leaves them out with no more than a warning.

    Raises:
        InputError: names the first tensors that differ.
    """
    own = model.state_dict()
    wrong = [
        name
        for name in transfer.loaded
        if not own[name].cpu().equal(weights[name].cpu().to(own[name].dtype))
    ]
    if wrong:
        raise InputError(
            f'{transfer.checkpoint}: {len(wrong)} tensors did not arrive in the model, as '
            f'{shorten(wrong)}: load the state dict as it was saved, with its '
            'metadata'
        )


def _check_backbone(
    own: Mapping[str, Tensor], weights: Mapping[str, Tensor], checkpoint: str
) -> None:
    """Refuse a checkpoint that would leave any of the backbone's tensors as it is, or break it."""
    faults = [
        f'{name} ({fault})'
        for name, value in own.items()
        if (fault := _fault(value, weights.get(name)))
    ]
    if faults:
        raise InputError(
            f'{checkpoint}: {len(faults)} of the {len(own)} tensors of the backbone cannot be '
            f'loaded, as {shorten(faults)}. Give the checkpoint of a finished '
            'pretraining with the same backbone'
        )


def _fault(own: Tensor, stored: Tensor | None) -> str:
    """What keeps a tensor of the checkpoint from taking the place of `own`; '' if nothing."""
    if stored is None:
        return 'missing'
    if stored.shape != own.shape:
        return f'{tuple(stored.shape)}, not {tuple(own.shape)}'
    return '' if bool(stored.isfinite().all()) else 'not finite'


def _by_part(names: tuple[str, ...]) -> str:
    """Names by the top-level module that they are in, or the number of those that are many."""
    parts: dict[str, list[str]] = {}
    for name in names:
        parts.setdefault(name.split('.')[0], []).append(name)
    described = [
        f'{len(within)} of {part}' if len(within) > MANY else ', '.join(within)
        for part, within in parts.items()
    ]
    return ', '.join(described) or 'none'
