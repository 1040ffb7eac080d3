"""What a run logged, from the ``scalars.json`` of its work dir."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from stslidr.errors import InputError, MissingFileError
from stslidr.files.access import readable
from stslidr.files.contained_paths import inside

LOGS = '*/vis_data/scalars.json'
EVERY_ITERATION = 'data_time'
"""What every line of training has, and no line of a validation."""


@dataclass(frozen=True)
class TrainingLog:
    """Numbers of a run, those of a resumed one joined.

    Args:
        training: iteration -> name -> value.
        validation: epoch or iteration, as logged -> name -> value.
    """

    training: dict[int, dict[str, float]]
    validation: dict[int, dict[str, float]]

    def curve(self, name: str) -> tuple[list[int], list[float]]:
        """Iterations that logged ``name`` in training, ascending, and its values."""
        steps = sorted(step for step, values in self.training.items() if name in values)
        return steps, [self.training[step][name] for step in steps]


def read_log(work_dir: str | Path) -> TrainingLog:
    """Join the logs of all runs in a work dir; where two logged one iteration, the later counts.

    Each run has a folder that is named by its start. A last line that a kill cut off is left out.

    Raises:
        MissingFileError: if no run logged anything; names the folder or the file.
        InputError: if another line is damaged, or a log is a link out of the work dir; names it.
    """
    paths = sorted(Path(work_dir).glob(LOGS))
    if not paths:
        raise MissingFileError(
            f'{work_dir} has no {LOGS}: the run that made it has no '
            'visualizer with a LocalVisBackend'
        )
    log = TrainingLog({}, {})
    for path in paths:
        for values in _read_lines(inside(path, Path(work_dir))):
            step = int(values['step'])
            steps = log.training if EVERY_ITERATION in values and 'lr' in values else log.validation
            steps[step] = values
    if not log.training and not log.validation:
        raise MissingFileError(f'{paths[-1]} is empty: the run has logged nothing')
    return log


def _read_lines(path: Path) -> list[dict[str, float]]:
    try:
        with readable('log', path):
            lines = path.read_text(encoding='utf-8').splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f'{path} is no log: {error}') from error
    read = []
    for number, line in enumerate(lines, 1):
        try:
            values = json.loads(line)
            read.append({**values, 'step': int(values['step'])})
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            if number == len(lines):
                break
            raise InputError(f'{path}, line {number} is no line of a log: {error!r}') from error
    return read
