"""What ``results.json`` holds, as types; docs/study.md describes the keys.

Scores run from 0 to 1.
"""

from __future__ import annotations

from typing import Any, TypedDict


class Interval(TypedDict):
    """A number with the ends of its interval."""

    mean: float
    low: float
    high: float


class Difference(Interval):
    """Of the mIoU of two methods on a task."""

    seeds: list[int]
    """That both methods have."""


class MethodScore(Interval):
    """Of a method on a task, over the seeds that are there."""

    seeds: list[int]
    miou: list[float]
    """Of each seed."""
    std: float | None
    """None for one seed."""
    difference: Difference | None
    """To the baseline; None for the baseline, and where no seed is in both."""
    iou: dict[str, float | None]
    """Class -> mean over seeds; None for a class that never occurs."""


Scores = dict[str, dict[str, MethodScore | None]]
"""Method -> task -> score; None before the first seed is there."""


class Comparison(TypedDict):
    """Differences of a pair of methods, one minus other."""

    method: str
    other: str
    tasks: dict[str, Difference | None]


class LabelMatch(TypedDict):
    """The label fraction of the baseline that matches a score; see `Match` of `label_saving`."""

    fraction: float | None
    beyond: str | None


class SeedMatch(LabelMatch):
    """The match of one seed."""

    seed: int


class MethodMatch(LabelMatch):
    """The match of a method's mean."""

    miou: float
    own_fraction: float
    seeds: list[SeedMatch]


class CurvePoint(TypedDict):
    """The baseline's score with a share of the labels."""

    task: str
    fraction: float
    miou: float


class LabelsSaved(TypedDict):
    """How many labels each pretrained method saves."""

    pretrained: str
    curve: list[CurvePoint]
    methods: dict[str, MethodMatch]


class IntervalWords(TypedDict):
    """How the intervals were made."""

    level: float
    resamples: int
    seed: int
    procedure: str


class MethodWords(TypedDict):
    """What a method is."""

    title: str
    pretrain: str | None
    options: dict[str, Any]


class TaskWords(TypedDict):
    """What a task is, and the label split that its finished cells were trained on."""

    title: str
    config: str
    scratch: str
    options: dict[str, Any]
    label_split: str | None
    label_split_sha256: str | None


class CellSummary(TypedDict):
    """The state of a cell."""

    folder: str
    method: str
    seed: int
    step: str
    state: str
    """'missing', 'unfinished' or 'finished'."""
    miou: float | None


class RecordedCell(CellSummary, total=False):
    """With what its note says; these keys are left out for a cell that was never started."""

    config: str
    config_sha256: str
    options: dict[str, Any]
    label_split: str | None
    label_split_sha256: str | None
    parent_checkpoint_sha256: str | None
    checkpoint_sha256: str | None
    image_weights_sha256: str | None
    gpus_per_run: int
    commit: str | None
    changes_sha256: str | None
    version: str
    started: str
    ended: str | None
    seconds: float


class StudyResults(TypedDict):
    """Everything that the tables show."""

    title: str
    study: str
    baseline: str
    seeds: list[int]
    complete: bool
    interval: IntervalWords
    methods: dict[str, MethodWords]
    tasks: dict[str, TaskWords]
    scores: Scores
    comparisons: list[Comparison]
    label_saving: LabelsSaved | None
    cells: list[RecordedCell]
