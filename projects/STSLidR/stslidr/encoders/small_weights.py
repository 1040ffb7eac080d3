"""The weights of the small ResNet: the repository's own file, and files made like it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from stslidr.encoders.resnet import SmallResNet
from stslidr.encoders.weights import weight_fault
from stslidr.errors import InputError, MissingFileError
from stslidr.files.access import readable
from stslidr.files.atomic import write_atomically

SMALL_WEIGHTS_FILE = Path(__file__).with_name('small_resnet.pth')
SMALL_WEIGHTS_SHA256 = '2c9e69142278baa815c6629370b33ec876cbe902264883b977466c99d8391598'
TOOL = 'tools/train_image_encoder.py'


def load_small_weights(path: str | Path | None = None) -> dict[str, Tensor]:
    """Read a file of the small ResNet's weights; it must match every weight and hold no other.

    Args:
        path: a file of ``tools/train_image_encoder.py``; None for the repository's own, which must
            then have the SHA-256 that is noted here. It is unpickled with ``weights_only=True``.

    Returns:
        float32 weights and batch-norm buffers by torchvision's names.

    Raises:
        MissingFileError: no such file.
        InputError: another file than the repository's, not readable, or with weights that are
            missing, unknown, of another shape or not finite (all are listed).
    """
    own = path is None
    file = SMALL_WEIGHTS_FILE if path is None else Path(path)
    if not file.is_file():
        origin = 'it belongs to the repository' if own else f'make it with {TOOL}'
        raise MissingFileError(f'{file} is missing: {origin}')
    with readable('weights', file):
        content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if own and digest != SMALL_WEIGHTS_SHA256:
        raise InputError(
            f'{file} has the SHA-256 {digest}, not {SMALL_WEIGHTS_SHA256}: it is damaged or was '
            f'made anew. Take it from the repository, or name your own file as `checkpoint`'
        )
    try:
        state = torch.load(io.BytesIO(content), map_location='cpu', weights_only=True)
    except Exception as error:  # arbitrary bytes raise anything
        raise InputError(
            f'{file} cannot be read with torch.load(weights_only=True) ({type(error).__name__}): '
            f'make it again with {TOOL}'
        ) from error
    return _checked(state, file)


def save_small_weights(path: str | Path, weights: Mapping[str, Tensor]) -> str:
    """Write weights as float16, whole or not at all.

    Args:
        path: the file.
        weights: a state dict of ``SmallResNet``.

    Returns:
        The file's SHA-256.

    Raises:
        InputError: a weight is not finite in float16.
    """
    halved = {
        name: value.half() if value.is_floating_point() else value
        for name, value in weights.items()
    }
    _checked(halved, Path(path))
    with write_atomically(path) as partial:
        # By a stream: the archive's name inside the file would otherwise be the temporary one's.
        with partial.open('wb') as stream:
            torch.save(halved, stream)
        return hashlib.sha256(partial.read_bytes()).hexdigest()


def _checked(state: object, path: Path) -> dict[str, Tensor]:
    """The weights in float32, in the network's order, or an error that lists what is wrong."""
    if not isinstance(state, Mapping):
        raise InputError(f'{path} holds {type(state).__name__}, not the weights of SmallResNet')
    expected = _expected()
    problems = [f'{name} is unknown' for name in state if name not in expected]
    for name, like in expected.items():
        if fault := weight_fault(state.get(name), like):
            problems.append(f'{name} {fault}')
    if problems:
        raise InputError(
            f'{path} does not hold the weights of SmallResNet: {"; ".join(problems)}. '
            f'Make it with {TOOL}'
        )
    return {name: state[name].to(like.dtype).contiguous() for name, like in expected.items()}


@cache
def _expected() -> dict[str, Tensor]:
    """Names, shapes and dtypes of the weights, as tensors without memory."""
    with torch.device('meta'):
        return SmallResNet().state_dict()
