"""The data sets there are, by the name that their info files state."""

from __future__ import annotations

from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.dataset_records.record import DatasetRecord
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI
from stslidr.errors import InputError
from stslidr.files.point_labels import LabelFormat

RECORDS = {record.name: record for record in (NUSCENES, SEMANTIC_KITTI)}
"""Name -> record; `register` enters further ones."""


def register(record: DatasetRecord) -> DatasetRecord:
    """Enter a data set, from a module that ``custom_imports`` or ``--record`` names; return it.

    Raises:
        InputError: if there is another one of its name, or with a label format of that name.
    """
    for other in RECORDS.values():
        if other is not record and other.name == record.name:
            raise InputError(f'there is a data set {record.name!r} already: choose another name')
        if other is not record and other.labels.name == record.labels.name:
            raise InputError(
                f'data set {record.name!r}: its label format has the name {record.labels.name!r}, '
                f'as that of {other.name!r} has: choose another one'
            )
    RECORDS[record.name] = record
    return record


def find_record(name: str) -> DatasetRecord:
    """The record of a data set.

    Raises:
        InputError: if none of this name was registered; names those that were.
    """
    if name not in RECORDS:
        raise InputError(
            f'there is no data set {name!r}, but {", ".join(RECORDS)}: is the module of its record '
            'missing from custom_imports, or from --record?'
        )
    return RECORDS[name]


def image_folders() -> dict[str, str]:
    """Name of each data set -> folder of its images, see `Folders`."""
    return {record.name: record.folders.images for record in RECORDS.values()}


def find_label_format(name: str) -> LabelFormat:
    """The label format of this name, of whichever data set has it.

    Raises:
        InputError: if none has.
    """
    formats = {record.labels.name: record.labels for record in RECORDS.values()}
    if name not in formats:
        raise InputError(f'there is no label format {name!r}, but {", ".join(formats)}')
    return formats[name]
