"""What a submission's files are named after: the test set, and each sweep of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from stslidr.errors import InputError

TOOL = 'tools/create_data.py'


class PredictedSet(NamedTuple):
    """The info file that predictions are for."""

    ann_file: str
    split: str | None
    """That the info file states, None if it states none."""

    def stated_split(self) -> str:
        """The split.

        Raises:
            InputError: if the info file does not state it.
        """
        if self.split is None:
            raise InputError(
                f'{self.ann_file} does not state its split, after which the folders of a '
                f'submission are named: write it with {TOOL}'
            )
        return self.split


class PredictedSweep(NamedTuple):
    """A sweep that was predicted."""

    predicted_set: PredictedSet
    lidar_path: str
    """Its file, with the folders that the data set's config puts before it."""
    sample_data_token: str | None
    """That the info file states, None if it states none."""

    def stated_token(self) -> str:
        """The sample_data_token.

        Raises:
            InputError: if the info file does not state it.
        """
        if self.sample_data_token is None:
            raise InputError(
                f'{self.lidar_path}: the info file has no sample_data_token for it, after which '
                f'its predictions are named: write the info file with {TOOL}'
            )
        return self.sample_data_token


def no_further_files(predicted_set: PredictedSet) -> Mapping[str, Any]:
    """No file goes with the predictions."""
    return {}
