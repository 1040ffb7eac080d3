"""Records of cells: cell.json in each work dir, which says what the folder holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stslidr.errors import InputError
from stslidr.evaluation.result_file import read_result
from stslidr.files.atomic import write_bytes
from stslidr_studies.study.cells import Cell
from stslidr_studies.study.commands import RESULT
from stslidr_studies.study.provenance import differences

RECORD = 'cell.json'
Record = dict[str, Any]
ADVICE = 'give another folder with --out, or delete what is there, to run it anew'


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write a cell's record atomically."""
    write_bytes(folder / RECORD, (json.dumps(record, indent=1) + '\n').encode())


def read_record(folder: Path) -> Record | None:
    """Read a cell's record, None if the cell was never started.

    Raises:
        InputError: it is damaged, or the folder holds results without a record.
    """
    path = folder / RECORD
    try:
        record = json.loads(path.read_bytes())
    except FileNotFoundError:
        if any(folder.glob('*.pth')) or (folder / RESULT).exists():
            raise InputError(
                f'{folder} holds results but no {RECORD}, which says what made them: {ADVICE}'
            ) from None
        return None
    except ValueError as error:
        raise InputError(f'{path} is no readable JSON ({error}): {ADVICE}') from error
    if not isinstance(record, dict) or 'ended' not in record:
        raise InputError(f'{path} is no record of a cell: {ADVICE}')
    return record


def is_finished(record: Record | None) -> bool:
    """Whether a cell has run to its end."""
    return record is not None and record['ended'] is not None


def read_records(
    out: Path, cells: list[Cell], origins: Mapping[Cell, Mapping[str, Any]]
) -> dict[Cell, Record]:
    """Read the records of all cells that were started, and refuse what would be mixed.

    Args:
        out: the results folder.
        cells: of the study, parents first.
        origins: what each would be made from now.

    Raises:
        InputError: a cell was made from anything else, or from another pretraining checkpoint;
            names the folder and each difference with both values.
    """
    records: dict[Cell, Record] = {}
    for cell in cells:
        folder = out / cell.folder
        record = read_record(folder)
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


def _parent_differences(record: Record, cell: Cell, records: Mapping[Cell, Record]) -> list[str]:
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


def _check_result(folder: Path, record: Record) -> None:
    """Refuse a finished task whose scores are gone or of another checkpoint."""
    result = read_result(folder / RESULT)
    stored, now = record['checkpoint_sha256'], result['checkpoint_sha256']
    if stored != now:
        raise InputError(
            f'{folder / RESULT} is of another run: checkpoint_sha256: {stored} in '
            f'{RECORD}, {now} there: {ADVICE}'
        )
