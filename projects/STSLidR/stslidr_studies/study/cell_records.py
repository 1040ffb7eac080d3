"""Records of cells: cell.json in each work dir, which says what the folder holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeGuard, cast

from stslidr.errors import InputError, MissingFileError
from stslidr.evaluation.result_file import read_result
from stslidr.files.json_file import read_json, write_json
from stslidr_studies.study.cells import Cell
from stslidr_studies.study.commands import RESULT
from stslidr_studies.study.provenance import differences
from stslidr_studies.study.stored_cell import NEEDED, CellOrigin, CellRecord

RECORD = 'cell.json'
ADVICE = 'give another folder with --out, or delete what is there, to run it anew'


def write_cell_record(folder: Path, record: CellRecord) -> None:
    """Write a cell's record atomically."""
    write_json(folder / RECORD, record, allow_infinity=True)  # as settings of a config may hold it


def read_cell_record(folder: Path) -> CellRecord | None:
    """Read a cell's record, None if the cell was never started.

    Raises:
        InputError: it is damaged, or the folder holds results without a record.
    """
    path = folder / RECORD
    try:
        record = read_json(path)
    except MissingFileError:
        if any(folder.glob('*.pth')) or (folder / RESULT).exists():
            raise InputError(
                f'{folder} holds results but no {RECORD}, which says what made them: {ADVICE}'
            ) from None
        return None
    except InputError as error:
        raise InputError(f'{error}: {ADVICE}') from error
    if not isinstance(record, dict):
        raise InputError(f'{path} is no record of a cell: {ADVICE}')
    for key, types in NEEDED.items():
        if key not in record or not isinstance(record[key], types):
            found = f'it has {key} {record[key]!r}' if key in record else f'it has no {key}'
            raise InputError(f'{path} is no record of a cell, {found}: {ADVICE}')
    return cast('CellRecord', record)


def is_finished(record: CellRecord | None) -> TypeGuard[CellRecord]:
    """Whether a cell has run to its end."""
    return record is not None and record['ended'] is not None


def read_cell_records(
    out: Path, cells: list[Cell], origins: Mapping[Cell, CellOrigin]
) -> dict[Cell, CellRecord]:
    """Read the records of all cells that were started, and refuse what would be mixed.

    Args:
        out: the results folder.
        cells: of the study, parents first.
        origins: what each would be made from now.

    Raises:
        InputError: a cell was made from anything else, or from another pretraining checkpoint;
            names the folder and each difference with both values.
    """
    records: dict[Cell, CellRecord] = {}
    for cell in cells:
        folder = out / cell.folder
        record = read_cell_record(folder)
        if record is None:
            continue
        found = differences(record, origins[cell])
        found += _parent_differences(record, cell, records)
        if found:
            raise InputError(
                f'{folder / RECORD} is of another run: {"; ".join(found)}. '
                f'Results are not mixed: {ADVICE}'
            )
        if cell.is_task and is_finished(record):
            _check_result(folder, record)
        records[cell] = record
    return records


def _parent_differences(
    record: CellRecord, cell: Cell, records: Mapping[Cell, CellRecord]
) -> list[str]:
    if cell.parent is None:
        return []
    parent = records.get(cell.parent)
    now = parent['checkpoint_sha256'] if is_finished(parent) else None
    stored = record.get('parent_checkpoint_sha256')
    if stored == now:
        return []
    return [
        f'parent_checkpoint_sha256: {stored} stored, {now or "no finished pretraining"} now '
        f'in {cell.parent.folder}'
    ]


def _check_result(folder: Path, record: CellRecord) -> None:
    """Refuse a finished task whose scores are gone or of another checkpoint."""
    result = read_result(folder / RESULT)
    stored, now = record['checkpoint_sha256'], result['checkpoint_sha256']
    if stored != now:
        raise InputError(
            f'{folder / RESULT} is of another run: checkpoint_sha256: {stored} in '
            f'{RECORD}, {now} there: {ADVICE}'
        )
