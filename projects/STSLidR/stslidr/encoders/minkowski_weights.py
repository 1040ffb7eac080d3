"""Published MinkowskiEngine weights (`conv0p1s1.kernel`, ...) under the names of `Res16UNet`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from stslidr.encoders.res16unet import Res16UNet
from stslidr.errors import InputError

_NUM_LEVELS = 4  # Res16UNet of the published code has stages 1-4 (encoder) and 5-8 (decoder)
_STEM = {'conv0p1s1': 'stem.conv', 'bn0': 'stem.norm'}
_STAGE = re.compile(r'(conv|bn|convtr|bntr|block)(\d)(?:p\d+s2)?')
_INNER = (  # inside a residual block, and the wrapper that MinkowskiBatchNorm puts around torch's
    ('downsample', 'shortcut'),
    ('.bn.', '.'),
    ('kernel', 'weight'),
)


def load_minkowski(unet: Res16UNet, state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Load a published student into `unet`.

    Returns:
        `final.weight` (out, in) and `final.bias` (out,) of the published last layer if `unet`
        ends with its decoder, for the head that takes this layer's place; else nothing.

    Raises:
        InputError: keys or shapes do not match; all of them are listed.
    """
    converted = convert_minkowski(state_dict)
    own = unet.state_dict()
    final = {
        key: converted.pop(key)
        for key in list(converted)
        if key.startswith('final.') and key not in own
    }
    problems = [f'missing {key}' for key in own.keys() - converted.keys()]
    problems += [f'unexpected {key}' for key in converted.keys() - own.keys()]
    problems += [
        f'{key} has shape {tuple(converted[key].shape)}, the network {tuple(own[key].shape)}'
        for key in own.keys() & converted.keys()
        if own[key].shape != converted[key].shape
    ]
    if problems:
        raise InputError('the weights are of another Res16UNet: ' + '; '.join(sorted(problems)))
    unet.load_state_dict(converted)
    return final


def convert_minkowski(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename the keys and re-order the kernels of a published state dict (or of its gradients).

    Raises:
        InputError: a key that the published Res16UNet does not have, or a kernel that is neither
            k3, k2 nor 1x1.
    """
    return {_rename(key): _reorder(key, value) for key, value in state_dict.items()}


def _rename(key: str) -> str:
    """`block5.0.downsample.1.bn.weight` -> `decoder.0.blocks.0.shortcut.1.weight`."""
    head, _, rest = key.partition('.')
    rest = f'.{rest}'
    for published, ours in _INNER:
        rest = rest.replace(published, ours)
    if head == 'final':
        return head + rest
    if head in _STEM:
        return _STEM[head] + rest
    match = _STAGE.fullmatch(head)
    if match is None:
        raise InputError(f'{key!r} is no key of the published Res16UNet')
    kind, number = match[1], int(match[2])
    # Down convolutions count 1-4 and up convolutions 4-7; blocks count 1-8 through both halves.
    if kind in ('conv', 'bn'):
        stage = f'encoder.{number - 1}.down.' + ('conv' if kind == 'conv' else 'norm')
    elif kind in ('convtr', 'bntr'):
        stage = f'decoder.{number - 4}.up.' + ('conv' if kind == 'convtr' else 'norm')
    elif number <= _NUM_LEVELS:
        stage = f'encoder.{number - 1}.blocks'
    else:
        stage = f'decoder.{number - 1 - _NUM_LEVELS}.blocks'
    return stage + rest


def _reorder(key: str, value: Tensor) -> Tensor:
    """Bring a kernel into (C_out, n, n, n, C_in), a 1x1 kernel into (C_out, C_in).

    MinkowskiEngine's (n^3, C_in, C_out) counts its offsets along axis 0 fastest.
    """
    if key == 'final.bias':
        return value.reshape(-1)
    if not key.endswith('.kernel'):
        return value
    if value.ndim == 2:
        return value.t().contiguous()
    size = {8: 2, 27: 3}.get(value.shape[0])
    if value.ndim != 3 or size is None:
        raise InputError(f'{key} has shape {tuple(value.shape)}, which is no k2 or k3 kernel')
    return value.reshape(size, size, size, *value.shape[1:]).permute(4, 2, 1, 0, 3).contiguous()
