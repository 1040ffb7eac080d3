"""Whether what a user has written offers what it must; says which part lacks what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import get_protocol_members

from stslidr.contracts.criterion import ContrastiveResult, Statistics
from stslidr.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

PAGE = 'docs/extending.md'


def check_part(part: Any, contract: type, role: str) -> Any:
    """Return ``part``, which offers all that ``contract`` names.

    Args:
        part: what was built.
        contract: a protocol of this room.
        role: the part's key in the config.

    Raises:
        InputError: members are missing.
    """
    missing = sorted(name for name in get_protocol_members(contract) if not hasattr(part, name))
    if missing:
        raise InputError(
            f'{role}: {type(part).__name__} has no {", ".join(missing)}, which '
            f'every {contract.__name__} must have: see {PAGE}'
        )
    return part


def check_rows(features: Tensor, voxels: Tensor, backbone: object) -> Tensor:
    """Return ``features``, one row for each voxel.

    Args:
        features: (V, C), what ``backbone`` returned.
        voxels: (V, F), what it was given.
        backbone: the part, for the error.

    Raises:
        InputError: there are more or fewer rows; those that follow would be of other voxels.
    """
    if features.dim() != 2 or len(features) != len(voxels):
        raise InputError(
            f'backbone: {type(backbone).__name__} returned {tuple(features.shape)} for '
            f'{len(voxels)} voxels, which must be one row for each: see {PAGE}'
        )
    return features


def check_result(result: object, criterion: object) -> ContrastiveResult:
    """Return what ``criterion`` returned, with all statistics that it must report.

    Raises:
        InputError: it is no `ContrastiveResult`, or statistics are missing.
    """
    name = type(criterion).__name__
    if not isinstance(result, ContrastiveResult):
        raise InputError(
            f'criterion: {name} returned {type(result).__name__}, not ContrastiveResult: see {PAGE}'
        )
    missing = sorted(Statistics.__required_keys__ - result.statistics.keys())
    if missing:
        raise InputError(
            f'criterion: the statistics of {name} lack {", ".join(missing)}: see {PAGE}'
        )
    return result
