"""Whether the bytes of a checkpoint are those that were written: ``torch.load`` does not ask."""

from __future__ import annotations

import zipfile
from pathlib import Path

from stslidr.errors import InputError

CHUNK = 2**22


def check_checksums(path: Path) -> None:
    """Compare each record of a zip file, as torch 1.6 and later write it, with its CRC-32.

    Files of other kinds have no checksums and pass. So does one in which no record fits, as
    ``torch.serialization.set_crc32_options(False)`` writes it.

    Raises:
        InputError: some records fit and others do not, or the file's table of records is damaged;
            names it.
        OSError: the file cannot be read.
    """
    if not zipfile.is_zipfile(path):
        return
    fits, wrong = 0, []
    try:
        with zipfile.ZipFile(path) as records:
            for record in records.infolist():
                if _fits(records, record):
                    fits += 1
                else:
                    wrong.append(record.filename)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f'{path} is damaged ({error}): copy or download it again') from error
    if wrong and fits:
        raise InputError(
            f'{path} is damaged: {len(wrong)} of its {fits + len(wrong)} records, first '
            f'{wrong[0]}, are not what was written (CRC-32): copy or download it again'
        )


def _fits(records: zipfile.ZipFile, record: zipfile.ZipInfo) -> bool:
    try:
        with records.open(record) as stream:
            while stream.read(CHUNK):
                pass
    except zipfile.BadZipFile as error:
        if 'CRC' in str(error):
            return False
        raise
    return True
