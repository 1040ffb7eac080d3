"""Records of cells: cell.json in each work dir, which says what the folder holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeGuard, cast

from stslidr.errors import InputError, MissingFileError
from stslidr.evaluation.result_file import read_result
from stslidr.files.contained_paths import contained
from stslidr.files.json_file import read_json, write_json
from stslidr_studies.study.cells import Cell
from stslidr_studies.study.commands import RESULT
from stslidr_studies.study.provenance import differences
from stslidr_studies.study.stored_cell import NEEDED, CellNote, CellOrigin

NOTE = 'cell.json'
ADVICE = 'give another folder with --out, or delete what is there, to run it anew'


def write_cell_note(folder: Path, note: CellNote) -> None:
    """Write a cell's note atomically."""
    write_json(folder / NOTE, note, allow_infinity=True)  # as settings of a config may hold it


def read_cell_note(folder: Path) -> CellNote | None:
    """Read a cell's note, None if the cell was never started.

    Raises:
        InputError: it is damaged, or the folder holds results without a note.
    """
    path = folder / NOTE
    try:
        note = read_json(path)
    except MissingFileError:
        if any(folder.glob('*.pth')) or (folder / RESULT).exists():
            raise InputError(
                f'{folder} holds results but no {NOTE}, which says what made them: {ADVICE}'
            ) from None
        return None
    except InputError as error:
        raise InputError(f'{error}: {ADVICE}') from error
    if not isinstance(note, dict):
        raise InputError(f'{path} is no note of a cell: {ADVICE}')
    for key, types in NEEDED.items():
        if key not in note or not isinstance(note[key], types):
            found = f'it has {key} {note[key]!r}' if key in note else f'it has no {key}'
            raise InputError(f'{path} is no note of a cell, {found}: {ADVICE}')
    if note['checkpoint'] is not None:
        contained(note['checkpoint'], f'{path} names the checkpoint')
    return cast('CellNote', note)


def is_finished(note: CellNote | None) -> TypeGuard[CellNote]:
    """Whether a cell has run to its end."""
    return note is not None and note['ended'] is not None


def read_cell_notes(
    out: Path, cells: list[Cell], origins: Mapping[Cell, CellOrigin]
) -> dict[Cell, CellNote]:
    """Read the notes of all cells that were started, and refuse what would be mixed.

    Args:
        out: the results folder.
        cells: of the study, parents first.
        origins: what each would be made from now.

    Raises:
        InputError: a cell was made from anything else, or from another pretraining checkpoint;
            names the folder and each difference with both values.
    """
    notes: dict[Cell, CellNote] = {}
    for cell in cells:
        folder = out / cell.folder
        note = read_cell_note(folder)
        if note is None:
            continue
        found = differences(note, origins[cell])
        found += parent_differences(note, cell, notes)
        if found:
            raise InputError(
                f'{folder / NOTE} is of another run: {"; ".join(found)}. '
                f'Results are not mixed: {ADVICE}'
            )
        if cell.is_task and is_finished(note):
            check_result(folder, note)
        notes[cell] = note
    return notes


def parent_differences(note: CellNote, cell: Cell, notes: Mapping[Cell, CellNote]) -> list[str]:
    """Whether a cell started from another pretraining than that whose note is there, in words."""
    if cell.parent is None:
        return []
    parent = notes.get(cell.parent)
    now = parent['checkpoint_sha256'] if is_finished(parent) else None
    stored = note.get('parent_checkpoint_sha256')
    if stored == now:
        return []
    return [
        f'parent_checkpoint_sha256: {stored} stored, {now or "no finished pretraining"} now '
        f'in {cell.parent.folder}'
    ]


def check_result(folder: Path, note: CellNote) -> None:
    """Refuse a finished task whose scores are gone or of another checkpoint.

    Raises:
        MissingFileError: there are no scores.
        InputError: they are damaged, or of another checkpoint than the note says.
    """
    result = read_result(folder / RESULT)
    stored, now = note['checkpoint_sha256'], result['checkpoint_sha256']
    if stored != now:
        raise InputError(
            f'{folder / RESULT} is of another run: checkpoint_sha256: {stored} in '
            f'{NOTE}, {now} there: {ADVICE}'
        )
