"""Info files in MMDetection3D's v1.1 layout, read without running what a pickle may ask for.

An info file is a pickled dict with `metainfo` (a dict about the data set) and `data_list` (a list
of one dict per sample), see MMDetection3D's documentation on customized data sets.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from stslidr.errors import InputError, MissingFileError
from stslidr.files.access import readable
from stslidr.files.atomic import write_atomically
from stslidr.files.info_layout import ReadInfos
from stslidr.files.plain_pickle import RefusedGlobalError, load_plain


def info_file_name(dataset: str, split: str) -> str:
    """Name of the info file that tools/create_data.py writes for a split of a data set."""
    return f'{dataset}_infos_{split}.pkl'


def read_infos(path: str | Path) -> ReadInfos:
    """Read an info file; a pickle that names anything but plain data and numpy arrays is refused.

    Files pickled with numpy 1 and numpy 2 are read, whichever of them is installed.

    Returns:
        The dict of the file, with at least `metainfo` (dict) and `data_list` (list of dicts).

    Raises:
        MissingFileError: if there is no such file.
        FileAccessError: if it cannot be read.
        InputError: if the pickle is refused or damaged, or has another layout; names the file.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(
            f'info file {path} does not exist: write it with tools/create_data.py'
        )
    with readable('info file', path):
        data = path.read_bytes()
    try:
        infos = load_plain(data)
    except RefusedGlobalError as error:
        raise InputError(
            f'info file {path} is refused: it holds {error}, and only plain data (numbers, '
            f'text, lists, dicts, numpy arrays) is read'
        ) from error
    except Exception as error:  # a damaged pickle fails in any way
        raise InputError(f'info file {path} is no readable pickle: {error!r}') from error
    return _check_layout(infos, path)


def write_infos(
    path: str | Path, metainfo: Mapping[str, object], data_list: Sequence[Mapping[str, object]]
) -> None:
    """Write an info file atomically; values should be plain Python data or numpy arrays."""
    with write_atomically(path) as partial, partial.open('wb') as file:
        pickle.dump({'metainfo': metainfo, 'data_list': list(data_list)}, file, protocol=4)


def _check_layout(infos: object, path: Path) -> ReadInfos:
    """Return `infos` if it has the v1.1 layout.

    Raises:
        InputError: if not; says which layout it has instead where that is known.
    """
    if isinstance(infos, dict) and 'infos' in infos and 'data_list' not in infos:
        raise InputError(
            f'info file {path} has the layout of MMDetection3D before v1.1 (key `infos`): write '
            f'it anew with tools/create_data.py or convert it with update_infos_to_v2.py'
        )
    if not isinstance(infos, dict) or not isinstance(infos.get('metainfo'), dict):
        raise InputError(f'info file {path} is no dict with a dict `metainfo`')
    samples = infos.get('data_list')
    if not isinstance(samples, list) or not all(isinstance(sample, dict) for sample in samples):
        raise InputError(f'info file {path} has no `data_list` that is a list of dicts')
    return cast('ReadInfos', infos)
