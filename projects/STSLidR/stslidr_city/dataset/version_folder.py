"""The folder with the tables: it appears when it is whole, and lists the files of the root."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from stslidr.errors import InputError, MissingFileError
from stslidr.files.atomic import write_bytes
from stslidr.files.synthetic_manifest import VERSION
from stslidr_city.dataset import fixed_tables, scene_tables
from stslidr_city.dataset.fixed_tables import splits
from stslidr_city.dataset.keyframe_rows import KeyframeRows, are_there, read_rows
from stslidr_city.dataset.layout import KeyframeKey, Tokens
from stslidr_city.dataset.parameters import Parameters
from stslidr_city.dataset.writing import json_array, open_whole
from stslidr_city.recording.rig import Rig

UNFINISHED = f'.{VERSION}.partial'
SPLITS = 'splits.json'
FILES = 'files.jsonl'
"""First a line with the sizes of the `tables`, then one a keyframe: `scene`, `keyframe` and
`files`, their sizes by path under the root."""
TABLE_FILES = (
    *(
        f'{table}.json'
        for table in ('category', 'attribute', 'visibility', 'sensor', *scene_tables.TABLES)
    ),
    SPLITS,
)
REMAKE = 'delete this folder and run the same command again, which makes all keyframes anew'


def write_version_folder(root: Path, parameters: Parameters) -> None:
    """Write all tables from the keyframes' rows; the version folder appears at the end.

    Raises:
        FileAccessError: if a file cannot be written; names it.
        InputError: if a keyframe's rows have gone.
    """
    folder = root / UNFINISHED
    shutil.rmtree(folder, ignore_errors=True)
    tokens, rig = Tokens(parameters.seed), Rig(parameters.image_size)
    for name, rows in fixed_tables.fixed_tables(tokens).items():
        with json_array(folder / f'{name}.json') as table:
            for row in rows:
                table.append(row)
    with ExitStack() as stack:
        tables = {
            name: stack.enter_context(json_array(folder / f'{name}.json'))
            for name in scene_tables.TABLES
        }
        reader = _Reader(root)
        for scene in range(parameters.scenes):
            made = scene_tables.SceneTables(tokens, rig, scene, parameters.keyframes, reader)
            for name, row in made.rows():
                tables[name].append(row)
    write_bytes(folder / SPLITS, json.dumps(splits(parameters.scenes), indent=2).encode())
    _write_file_list(root, folder, parameters)
    os.rename(folder, root / VERSION)


def incomplete_keyframes(root: Path, parameters: Parameters) -> Iterator[KeyframeKey]:
    """Keyframes with a file that is missing or of another size than when the tables were written.

    Raises:
        MissingFileError: if the version folder lacks a table; says what to do.
        InputError: if a table has another size than when it was written, or the list of files is
            damaged; says what to do.
    """
    folder = root / VERSION
    missing = [name for name in (*TABLE_FILES, FILES) if not (folder / name).is_file()]
    if missing:
        raise MissingFileError(f'{folder} lacks {", ".join(missing)}: {REMAKE}')
    with (folder / FILES).open(encoding='utf-8') as lines:
        try:
            changed = _changed(folder, json.loads(next(lines))['tables'])
            if changed:
                raise InputError(f'{", ".join(changed)} changed')
            for number in range(parameters.num_keyframes):
                key, entry = _key(number, parameters), json.loads(next(lines))
                if (entry['scene'], entry['keyframe']) != (key.scene, key.index):
                    raise InputError(f'{key} is not in {FILES}')
                if not are_there(root, entry['files']):
                    yield key
        except (StopIteration, ValueError, LookupError, TypeError, AttributeError) as error:
            raise InputError(f'{folder} is damaged ({error!r}): {REMAKE}') from error


def _changed(folder: Path, sizes: dict[str, int]) -> list[str]:
    """Tables that have another size than stated."""
    return [name for name in TABLE_FILES if (folder / name).stat().st_size != sizes[name]]


def _key(number: int, parameters: Parameters) -> KeyframeKey:
    return KeyframeKey(*divmod(number, parameters.keyframes))


def _write_file_list(root: Path, folder: Path, parameters: Parameters) -> None:
    """Write the sizes of the tables, then the names and sizes of all files by keyframe."""
    reader = _Reader(root)
    sizes = {name: (folder / name).stat().st_size for name in TABLE_FILES}
    with open_whole(folder / FILES) as stream:
        stream.write(json.dumps({'tables': sizes}).encode() + b'\n')
        for number in range(parameters.num_keyframes):
            key = _key(number, parameters)
            entry = {'scene': key.scene, 'keyframe': key.index, 'files': reader(key).files}
            stream.write(json.dumps(entry).encode() + b'\n')


class _Reader:
    """Reads rows that must be there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, key: KeyframeKey) -> KeyframeRows:
        keyframe_rows = read_rows(self.root, key)
        if keyframe_rows is None:
            raise InputError(
                f'the rows of {key} under {self.root} have gone: run the same command again'
            )
        return keyframe_rows
