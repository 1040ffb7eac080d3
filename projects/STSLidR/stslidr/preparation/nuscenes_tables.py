"""The tables of a nuScenes version folder, read through nuscenes-devkit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, overload

from nuscenes.nuscenes import NuScenes

from stslidr.errors import InputError, MissingFileError
from stslidr.files.json_file import read_json
from stslidr.files.synthetic_manifest import TOOL, is_unfinished
from stslidr.preparation.nuscenes_rows import (
    CalibratedSensorRow,
    PoseRow,
    SampleDataRow,
    SampleRow,
    SceneRow,
    wrong_column,
)

READ_TABLES = (
    'category',
    'sensor',
    'calibrated_sensor',
    'ego_pose',
    'scene',
    'sample',
    'sample_data',
)
WALKED_TABLES = ('sensor', 'scene', 'sample', 'lidarseg')
"""Those that are read row by row; of the others, some rows are, by their token."""
UNREAD_TABLES = ('attribute', 'visibility', 'instance', 'sample_annotation', 'log', 'map')


class KeyframeTables(NuScenes):
    """The devkit's database without boxes, maps and label files, which no info file needs.

    The devkit's own constructor reads the box tables too, and wants every map image and every
    lidarseg file on disk. Here a version folder must hold all of the devkit's tables, but those
    of boxes, logs and maps stay empty and no other file is looked at.
    """

    def __init__(self, root: str | Path, version: str) -> None:
        """Read the tables of `ROOT/VERSION`.

        Raises:
            MissingFileError: if the root, the version folder or a table is missing; names it.
            InputError: if a table is damaged or the tables do not fit together.
        """
        self.version, self.dataroot, self.verbose = version, str(root), False
        self.table_names = [*READ_TABLES, *UNREAD_TABLES]
        self._check_folder()
        for name in READ_TABLES:
            setattr(self, name, self.__load_table__(name))
        for name in UNREAD_TABLES:
            setattr(self, name, [])
        self.map = [{'token': '', 'log_tokens': []}]  # the devkit looks at the first
        has_lidarseg = Path(self.table_root, 'lidarseg.json').is_file()
        self.lidarseg = self.__load_table__('lidarseg') if has_lidarseg else []
        for name in WALKED_TABLES:
            for row in getattr(self, name):
                self._check_row(name, row)
        try:
            self.__make_reverse_index__(verbose=False)
        except (KeyError, IndexError, TypeError) as error:
            raise InputError(
                f'the tables in {self.table_root} do not fit together: {error!r}'
            ) from error

    @overload
    def get(self, table_name: Literal['scene'], token: str) -> SceneRow: ...
    @overload
    def get(self, table_name: Literal['sample'], token: str) -> SampleRow: ...
    @overload
    def get(self, table_name: Literal['sample_data'], token: str) -> SampleDataRow: ...
    @overload
    def get(self, table_name: Literal['ego_pose'], token: str) -> PoseRow: ...
    @overload
    def get(self, table_name: Literal['calibrated_sensor'], token: str) -> CalibratedSensorRow: ...
    def get(self, table_name: str, token: str) -> Any:
        """The row with this token.

        Raises:
            InputError: if the table has none, or it lacks a column that is read.
        """
        try:
            row = super().get(table_name, token)
        except (KeyError, TypeError):  # the latter of a token that is a list
            raise InputError(
                f'{self.table_root}/{table_name}.json has no row {token!r}, to '
                f'which another table refers'
            ) from None
        self._check_row(table_name, row)
        return row

    def _check_row(self, table_name: str, row: Mapping[str, Any]) -> None:
        if wrong := wrong_column(table_name, row):
            name = row.get('token', 'without a token')
            raise InputError(f'{self.table_root}/{table_name}.json: the row {name} {wrong}')

    def _check_folder(self) -> None:
        """Raise MissingFileError, naming what is missing, unless every table is there."""
        root, folder = Path(self.dataroot), Path(self.table_root)
        if not root.is_dir():
            raise MissingFileError(f'the nuScenes root {root} is no folder')
        if is_unfinished(root):
            raise MissingFileError(
                f'{root} is an unfinished synthetic data set: complete it by '
                f'running {TOOL} again with the same arguments'
            )
        if not folder.is_dir():
            versions = sorted(table.parent.name for table in root.glob('*/sample.json'))
            raise MissingFileError(
                f'{folder} does not exist; versions in {root}: {", ".join(versions) or "none"}'
            )
        missing = [
            f'{name}.json' for name in self.table_names if not (folder / f'{name}.json').is_file()
        ]
        if missing:
            raise MissingFileError(f'{folder} lacks the tables {", ".join(missing)}')

    def __load_table__(self, table_name: str) -> list[dict]:  # called by the devkit too
        """Read one table; raises InputError, naming the file, if it is damaged."""
        file = Path(self.table_root, f'{table_name}.json')
        table = read_json(file)
        if not isinstance(table, list) or not all(isinstance(row, dict) for row in table):
            raise InputError(f'the table {file} is no list of rows')
        return table
