"""Published ResNet-50 checkpoints, each in its own layout, as torchvision-named weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stslidr.encoders.resnet import ResNet, ResNet50
from stslidr.errors import FileAccessError, InputError, MissingFileError
from stslidr.files.checksums import check_checksums
from stslidr.text import shorten


@dataclass(frozen=True)
class PublishedWeights:
    """Where a public file is found and where the encoder's weights sit in it.

    Attributes:
        source: public address, or project page and archive where there is no direct one.
        file_name: name of the public file (for obow: inside the archive).
        licence: under which it is published.
        uses_labels: whether it was trained with labels.
        entry: top-level entry that holds the state dict; '' if the file itself is the state dict.
        prefix: what precedes torchvision's names of the encoder's weights.
        others: prefixes of the entries that belong to the method, not to the encoder.
        required: entries among ``others`` without which a file is not of this layout.
    """

    source: str
    file_name: str
    licence: str
    uses_labels: bool = False
    entry: str = ''
    prefix: str = ''
    others: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """The layout in words, for messages."""
        place = f'entry {self.entry!r}' if self.entry else 'top level'
        prefix = f'names begin with {self.prefix!r}' if self.prefix else 'no prefix'
        return f'{place}, {prefix}' + (f', with {", ".join(self.required)}' * bool(self.required))


def _moco(name: str) -> PublishedWeights:
    return PublishedWeights(
        f'https://dl.fbaipublicfiles.com/moco/moco_checkpoints/{name}/{name}_pretrain.pth.tar',
        f'{name}_pretrain.pth.tar',
        'CC BY-NC 4.0',
        entry='state_dict',
        prefix='module.encoder_q.',
        others=('module.encoder_q.fc.', 'module.encoder_k.', 'module.queue'),
    )


def _deepcluster(name: str) -> PublishedWeights:
    return PublishedWeights(
        f'https://dl.fbaipublicfiles.com/deepcluster/{name}_pretrain.pth.tar',
        f'{name}_pretrain.pth.tar',
        'CC BY-NC 4.0',
        prefix='module.',
        others=('module.projection_head.', 'module.prototypes.'),
    )


PUBLISHED = {
    'moco_v1': _moco('moco_v1_200ep'),
    'moco_v2': _moco('moco_v2_800ep'),
    'swav': _deepcluster('swav_800ep'),
    'deepcluster_v2': _deepcluster('deepclusterv2_800ep'),
    'dino': PublishedWeights(
        'https://dl.fbaipublicfiles.com/dino/dino_resnet50_pretrain/dino_resnet50_pretrain.pth',
        'dino_resnet50_pretrain.pth',
        'Apache-2.0',
    ),
    'obow': PublishedWeights(
        'https://github.com/valeoai/obow (project page; the file lies in the archive '
        'ImageNetFull_ResNet50_OBoW_full_feature_extractor.zip of its release v0.1.0)',
        'tochvision_resnet50_student_K8192_epoch200.pth.tar',
        'Apache-2.0',
        entry='network',
        others=('fc.',),
    ),
    'torchvision': PublishedWeights(
        'https://download.pytorch.org/models/resnet50-0676ba61.pth',
        'resnet50-0676ba61.pth',
        'BSD-3-Clause',
        uses_labels=True,
        others=('fc.',),
        required=('fc.weight', 'fc.bias'),
    ),
}
"""Layout name -> published file. ``moco_v1``/``moco_v2`` and ``swav``/``deepcluster_v2`` share a
layout; ``torchvision`` is the ImageNet-supervised network (IMAGENET1K_V1)."""

WEIGHT_LAYOUTS = tuple(PUBLISHED)
CHECKPOINT_FOLDER = 'checkpoints'
"""Where published files are looked for, seen from the current folder."""


def find_published(layout: str, checkpoint: str | Path | None = None) -> Path:
    """The file that is read: the named one, or the published one in ``checkpoints/``.

    Args:
        layout: one of ``WEIGHT_LAYOUTS``.
        checkpoint: the file's path, if it is named.

    Returns:
        The path, whether there is a file or not.

    Raises:
        InputError: the layout is unknown.
    """
    if checkpoint is not None:
        return Path(checkpoint)
    return Path(CHECKPOINT_FOLDER, _published(layout).file_name)


def load_published(path: str | Path, layout: str) -> dict[str, Tensor]:
    """Read a published checkpoint of ResNet-50; it must match every weight and hold no other.

    Args:
        path: the file, as downloaded. It is unpickled with ``weights_only=True``: no code runs.
        layout: one of ``WEIGHT_LAYOUTS``.

    Returns:
        float32 weights and batch-norm buffers by torchvision's names, in its order, without fc.

    Raises:
        MissingFileError: no such file; says where it is published and where it belongs.
        InputError: not readable, truncated, of another layout, or with weights that are missing,
            unknown, of another shape or not finite (all are listed).
    """
    published, path = _published(layout), Path(path)
    content = _read(path, published)
    weights, problems = _extract(content, published)
    if problems:
        fitting = [name for name, other in PUBLISHED.items() if not _extract(content, other)[1]]
        if fitting:
            advice = f'It fits the layout of {" and ".join(fitting)}'
        else:
            advice = f'Download {published.file_name} from {published.source}'
        raise InputError(
            f'{path} does not hold ResNet-50 weights in the layout {layout!r} '
            f'({published.description}): {"; ".join(problems)}. {advice}'
        )
    return weights


def _published(layout: str) -> PublishedWeights:
    if layout not in PUBLISHED:
        raise InputError(f'image weights {layout!r} are unknown; choose of {", ".join(PUBLISHED)}')
    return PUBLISHED[layout]


def _plain_resnet50() -> ResNet:
    return ResNet50(dilated=False)


def random_weights(
    seed: int = 0, build: Callable[[], ResNet] = _plain_resnet50
) -> dict[str, Tensor]:
    """Weights of an untrained network, `build()`, for tests and comparisons only.

    Kaiming-normal kernels (fan-in), residual branches scaled by 0.2, and the running statistics
    of one batch of multi-scale noise: in eval mode features of photographs are of order 1 and
    differ from place to place. The same seed gives the same weights; torch's global generator is
    left as it was.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        network = build()
        for name, module in network.named_modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity='relu')
            elif isinstance(module, nn.BatchNorm2d):
                module.momentum = 1.0  # the running statistics become this one batch's
                last = name.endswith(network.block.last_norm)
                module.weight.fill_(0.2 if last else 1.0)
        octaves = [torch.randn(8, 3, 96 >> octave, 96 >> octave) for octave in range(6)]
        images = sum(F.interpolate(noise, size=(96, 96), mode='bilinear') for noise in octaves)
        network.train()(images / len(octaves) ** 0.5)
    return network.state_dict()


def _read(path: Path, published: PublishedWeights) -> object:
    """Unpickle tensors and plain containers, or say what is wrong with the file."""
    if path.is_dir():
        raise InputError(f'{path} is a directory; name the file in it ({published.file_name})')
    if not path.is_file():
        raise MissingFileError(
            f'{path} is missing. Download {published.file_name} from {published.source} into the '
            f'folder {path.absolute().parent}, or name its path as `checkpoint`'
        )
    try:
        check_checksums(path)
        return torch.load(path, map_location='cpu', weights_only=True)
    except InputError as error:
        raise InputError(f'{error}: {published.file_name} from {published.source}') from error
    except PermissionError as error:
        raise FileAccessError(f'weights {path} cannot be read: {error.strerror}') from error
    except Exception as error:  # arbitrary bytes raise anything; a cut zip even a bare OSError
        # torch's own text is long; of a refused object only this part names it.
        reason = str(error).rpartition('WeightsUnpickler error: ')[2].strip().partition('\n')[0]
        raise InputError(
            f'{path} cannot be read with torch.load(weights_only=True): it is truncated, no '
            f'checkpoint at all, or holds objects besides tensors and plain containers, which the '
            f'published file does not ({type(error).__name__}: {reason}). Download '
            f'{published.file_name} again from {published.source}'
        ) from error


def _extract(content: object, published: PublishedWeights) -> tuple[dict[str, Tensor], list[str]]:
    """Take the encoder's weights out of a file's content; list what does not match."""
    state = content
    if published.entry and isinstance(content, Mapping):
        state = content.get(published.entry)
        if state is None:
            return {}, [f'found no such entry but {shorten(content, 8)}']
    if not isinstance(state, Mapping):
        return {}, [f'found {type(state).__name__} where the weights should be']

    weights, problems = {}, []
    for key, value in state.items():
        name = str(key).removeprefix(published.prefix)
        if str(key) == published.prefix + name and name in _expected():
            weights[name] = value
        elif not str(key).startswith(published.others):
            problems.append(f'{key} is unknown')
    if not weights:
        return {}, [f'found none of the weights but {shorten(state, 8)}']

    # Files older than PyTorch 0.4.1 know no batch counters; nothing computes with them.
    if not any(name.endswith('.num_batches_tracked') for name in weights):
        counters = (name for name in _expected() if name.endswith('.num_batches_tracked'))
        weights.update((name, torch.tensor(0)) for name in counters)

    problems += [f'{name} is missing' for name in published.required if name not in state]
    for name, reference in _expected().items():
        if fault := weight_fault(weights.get(name), reference):
            problems.append(f'{published.prefix}{name} {fault}')
    if problems:
        return {}, problems
    return {
        name: weights[name].to(like.dtype).contiguous() for name, like in _expected().items()
    }, []


def weight_fault(value: object, reference: Tensor) -> str:
    """What is wrong with a weight ('' if nothing), by the shape of the reference."""
    if value is None:
        return 'is missing'
    if not isinstance(value, Tensor):
        return f'is no tensor but {type(value).__name__}'
    if value.shape != reference.shape:
        return f'has shape {tuple(value.shape)}, not {tuple(reference.shape)}'
    return '' if value.isfinite().all() else 'is not finite'


@cache
def _expected() -> dict[str, Tensor]:
    """Names, shapes and dtypes of the encoder's weights, as tensors without memory."""
    with torch.device('meta'):
        return ResNet50().state_dict()
