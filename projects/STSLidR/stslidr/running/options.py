"""Config keys: what is read, and errors for what is not."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Sequence
from typing import Any

from mmengine.config import Config
from torch.utils.data import DataLoader

from stslidr.errors import InputError, UnknownKeyError

RUNNER_KEYS = frozenset(
    """
    auto_scale_lr custom_hooks custom_imports default_hooks default_scope
    env_cfg experiment_name load_from log_level log_processor model model_wrapper_cfg
    optim_wrapper param_scheduler randomness resume sync_bn test_cfg
    test_dataloader test_evaluator train_cfg train_dataloader val_cfg val_dataloader
    val_evaluator visualizer work_dir
    """.split()
)
"""Top-level config keys that mmengine's ``Runner`` or these tools read."""
TTA_KEYS = frozenset(('tta_model', 'tta_pipeline'))
"""What ``tools/test.py --tta`` reads beside them."""
READ_KEYS = RUNNER_KEYS | TTA_KEYS
ENV_KEYS = frozenset(('cudnn_benchmark', 'mp_cfg', 'dist_cfg', 'resource_limit'))
"""What mmengine's ``Runner`` reads of ``env_cfg``."""
MISSPELT = 0.85
"""Names as alike as this (``difflib``'s ratio) are taken for the same name."""


def check_names(config: Config) -> None:
    """Refuse top-level names that look like a misspelt key, and unknown keys of ``env_cfg``.

    A config file may hold variables of its own, so a name that resembles no key is none of ours.

    Raises:
        UnknownKeyError: a name that nothing reads.
    """
    for name in set(config.keys()) - RUNNER_KEYS:
        meant = difflib.get_close_matches(name, RUNNER_KEYS, n=1, cutoff=MISSPELT)
        if meant:
            raise UnknownKeyError(
                f'{config.filename}: nothing reads {name!r}; is {meant[0]!r} meant?'
            )
    environment = config.get('env_cfg')
    unknown = set(environment) - ENV_KEYS if isinstance(environment, dict) else set()
    if unknown:
        raise UnknownKeyError(
            f'{config.filename}: nothing reads env_cfg.{min(unknown)}; known: '
            f'{", ".join(sorted(ENV_KEYS))}'
        )


def merge_options(config: Config, options: dict[str, Any] | None) -> None:
    """Merge ``--cfg-options`` into ``config``; a key that leads nowhere is an error.

    An item of a list is named by its index, or, where one item alone has it, by its ``type``, as in
    ``train_dataloader.dataset.pipeline.LoadSuperpixels.folder``.

    mmengine creates what it does not find, so a misspelt option would change nothing, silently. A
    new key is allowed where something checks it: in or under a dictionary that has a ``type``, in
    ``env_cfg.dist_cfg``, as an argument of torch's ``DataLoader`` in a dataloader, and at the top
    level if it is in `READ_KEYS`.

    Args:
        config: the config, changed in place.
        options: dotted keys to values, as ``DictAction`` parses them.

    Raises:
        UnknownKeyError: the option names nothing that is read.
        InputError: a value, or something under one, cannot stand where the option puts it.
    """
    found = {find_option(config, key): value for key, value in (options or {}).items()}
    try:
        config.merge_from_dict(found)
    except (TypeError, KeyError, AssertionError) as error:  # of a dict where none can stand
        raise InputError(f'--cfg-options {", ".join(options or {})}: {error}') from error


def find_option(config: Config, key: str) -> str:
    """Return the dotted ``key`` with indices alone.

    Raises:
        UnknownKeyError: it does not lead to what is read.
    """
    node: Any = config._cfg_dict
    top = key.split('.')[0]
    if top not in READ_KEYS:
        kind = 'a variable of the config file' if top in node else 'no key of a runner'
        raise UnknownKeyError(
            f'--cfg-options {key}: {top!r} is {kind}, and changing it would change nothing; name '
            'what reads it, as in train_dataloader.dataset.data_root=... or model.criterion...'
        )
    checked_by_constructor = False
    parts = key.split('.')
    for depth, part in enumerate(parts):
        if isinstance(node, list | tuple):
            index = _find_item(node, part, key)
            parts[depth] = str(index)
            node = node[index]
            continue
        known = node if isinstance(node, dict) else {}
        checked_by_constructor |= 'type' in known
        if part in known:
            node = known[part]
        elif checked_by_constructor or depth == 0 or _takes(parts[:depth], part):
            break
        else:
            raise UnknownKeyError(
                f'--cfg-options {key}: nothing reads {part!r}; known here: {", ".join(known)}'
            )
    return '.'.join(parts)


def _find_item(items: Sequence[Any], part: str, key: str) -> int:
    """Index of the item that ``part`` names by index or by type."""
    if part.isdigit() and int(part) < len(items):
        return int(part)
    types = [item.get('type') if isinstance(item, dict) else None for item in items]
    if types.count(part) > 1:
        raise UnknownKeyError(
            f'--cfg-options {key}: {types.count(part)} items have the type {part}; name one by its '
            'index'
        )
    if part not in types:
        raise UnknownKeyError(
            f'--cfg-options {key}: {part} is no index of a list of {len(items)}, and no type in it'
        )
    return types.index(part)


def _takes(parents: list[str], part: str) -> bool:
    """Return whether a dictionary without a type, under ``parents``, may get the key ``part``."""
    if parents == ['env_cfg', 'dist_cfg'] or parents == ['default_hooks']:
        return True  # arguments of init_process_group, hooks: both refuse what they do not know
    is_loader = len(parents) == 1 and parents[0].endswith('_dataloader')
    return is_loader and part in inspect.signature(DataLoader).parameters
