"""Configs of a study, checked before the first run: its last cell may start days later."""

from __future__ import annotations

from collections.abc import Iterable

from stslidr.errors import UserError
from stslidr.running.component_check import check_components
from stslidr.running.config_file import import_modules
from stslidr.running.launch import check_settings, disable_validation
from stslidr_studies.study.cells import Cell
from stslidr_studies.study.provenance import resolve_config


def check_configs(cells: Iterable[Cell]) -> None:
    """Check the config of each cell as its training will, without validation.

    Args:
        cells: of one seed: cells that differ by it alone have one config.

    Raises:
        MissingFileError: a module of ``custom_imports`` does not exist.
        InputError: a component of a config cannot be built, or a part is missing. All name the
            cell.
    """
    for cell in cells:
        config = resolve_config(cell)
        disable_validation(config)
        try:
            import_modules(config.get('custom_imports'), cell.config)
            check_components(config)
            check_settings(config)
        except UserError as error:
            raise type(error)(f'{cell.name}: {error}') from None
