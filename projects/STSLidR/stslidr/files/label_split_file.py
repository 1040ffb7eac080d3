"""Named label splits: which scenes or frames stand for 1 %, 5 %, ... of the labels.

They stand in one JSON file beside the info files, which tools/create_data.py writes: for each split
of the data set that is trained on, such as `train`, each named label split with the list of its
names and the SHA-256 of that list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import TypedDict

from stslidr.errors import InputError, MissingFileError
from stslidr.files.json_file import read_json, write_json

FRACTIONS = {'1pct': 100, '5pct': 20, '10pct': 10, '25pct': 4, '50pct': 2, '100pct': 1}
"""Name of a label split -> k, of which it takes every k-th scene or frame."""
TOOL = 'tools/create_data.py'


@dataclass(frozen=True)
class LabelSplit:
    """A named part of the training data."""

    name: str
    names: tuple[str, ...]
    """Scene names, or paths of frames as the info file has them; in order, at least one."""
    sha256: str


def label_split_file_name(dataset: str) -> str:
    """Name of a data set's file of label splits, which stands beside its info files."""
    return f'{dataset}_label_splits.json'


def hash_names(names: Iterable[str]) -> str:
    """SHA-256 of the names in their order, each followed by a newline, as hexadecimal digits."""
    return hashlib.sha256(''.join(f'{name}\n' for name in names).encode()).hexdigest()


def write_label_splits(
    path: str | Path,
    about: Mapping[str, str],
    unit: str,
    splits: Mapping[str, Mapping[str, list[str]]],
) -> None:
    """Write the file atomically.

    A label split without any name is not listed, but stands under `empty` with the reason.

    Args:
        path: the JSON file.
        about: what heads the file: data set, version, rule; text that people read.
        unit: what the names are, `scenes` or `frames`.
        splits: split of the data set -> label split, as in `FRACTIONS` -> its names. `100pct`
            holds all names of the split.
    """
    content = {
        **about,
        'unit': unit,
        'sha256': 'of the names, each followed by a newline',
        'splits': {split: _describe(label_splits, unit) for split, label_splits in splits.items()},
    }
    write_json(path, content)


class ListedNames(TypedDict):
    """A label split in the file."""

    sha256: str
    count: int
    names: list[str]


class ListedSplit(TypedDict):
    """A split of the data set in the file."""

    total: int
    """Names of the whole split."""
    label_splits: dict[str, ListedNames]
    empty: dict[str, str]
    """Label split without a name -> why it has none."""


def _describe(label_splits: Mapping[str, list[str]], unit: str) -> ListedSplit:
    """What the file says about one split of the data set."""
    total = len(label_splits['100pct'])
    return {
        'total': total,
        'label_splits': {
            name: {'sha256': hash_names(names), 'count': len(names), 'names': names}
            for name, names in label_splits.items()
            if names
        },
        'empty': {
            name: f'1 in {FRACTIONS[name]} of {total} {unit} is none'
            for name, names in label_splits.items()
            if not names
        },
    }


def read_version(path: str | Path) -> str | None:
    """The version whose label splits a file has; None if there is no such file, or it states none.

    A damaged file states none.
    """
    try:
        content = read_json(path)
    except (MissingFileError, InputError):
        return None
    version = content.get('version') if isinstance(content, dict) else None
    return version if isinstance(version, str) else None


def read_label_split(
    path: str | Path, split: str, name: str, version: str | None = None
) -> LabelSplit:
    """Read one label split and check its hash.

    Args:
        path: the JSON file.
        split: the split of the data set that the info file holds, such as `train`.
        name: the label split, such as `1pct`.
        version: of the data set, as the info file has it; None where it states none.

    Raises:
        MissingFileError: if there is no such file.
        InputError: if the file is damaged, of another version, or its names do not have its hash,
            if it has no label splits for `split` or none of this name, and if the label split
            would be empty.
    """
    path = Path(path)
    content = _read_content(path)
    splits = _dict_under(content, 'splits', path)
    own_version = content.get('version') if isinstance(content, dict) else None
    if version is not None and own_version is not None and version != own_version:
        raise InputError(
            f'{path} has the label splits of {own_version}, but the info file is of {version}: '
            f'write both with {TOOL}, each version into a folder of its own'
        )
    if split not in splits:
        raise InputError(
            f'{path} has label splits for {_list(splits)}, but none for {split!r}, the split that '
            f'the info file states'
        )
    label_splits = _dict_under(splits[split], 'label_splits', path)
    empty = _dict_under(splits[split], 'empty', path)
    if name in empty:
        raise InputError(
            f'label split {name!r} of {split!r} is empty, says {path}: {empty[name]}; '
            f'there are {_list(label_splits)}'
        )
    if name not in label_splits:
        raise InputError(
            f'{path} has no label split {name!r} for {split!r}; it has {_list(label_splits)}'
        )
    return _check_names(label_splits[name], name, path)


def _read_content(path: Path) -> object:
    """What the file holds, of which nothing is checked here."""
    try:
        return read_json(path)
    except MissingFileError as error:
        raise MissingFileError(f'{error}: {TOOL} writes it beside the info files') from None


def _dict_under(value: object, key: str, path: Path) -> dict[str, object]:
    """`value[key]` if both are dicts, else an InputError."""
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, dict):
        raise InputError(
            f'{path} is no file of label splits, it lacks {key!r}: write it with {TOOL}'
        )
    return found


def _check_names(entry: object, name: str, path: Path) -> LabelSplit:
    """The label split of an entry whose names have the hash that stands beside them."""
    entry = entry if isinstance(entry, dict) else {}
    names = entry.get('names')
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise InputError(f'{path}: label split {name!r} has no list of names')
    stated, found = entry.get('sha256'), hash_names(names)
    if stated != found:
        raise InputError(
            f'{path}: the names of label split {name!r} have the SHA-256 {found}, but {stated} '
            f'stands beside them; the file was changed by hand, write it anew with {TOOL}'
        )
    return LabelSplit(name, tuple(names), found)


def _list(names: Iterable[str]) -> str:
    return ', '.join(names) or 'none'
