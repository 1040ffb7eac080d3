"""What results hold, in memory and in their JSON files."""

from __future__ import annotations

from typing import Any

from typing_extensions import NotRequired, TypedDict


class BandScores(TypedDict):
    """Scores of all points, or of those of one range band; shares from 0 to 1.

    None stands for what is not defined.
    """

    miou: float | None
    accuracy: float | None
    class_accuracy: float | None
    num_points: int
    """Labelled points."""
    absent: list[str]
    """Classes that never occur."""
    iou: dict[str, float | None]
    """By class."""


class Scored(TypedDict):
    """What one pass over a test set gives."""

    num_samples: int
    metrics: dict[str, float]
    """As logged."""
    segmentation: NotRequired[dict[str, Any]]
    """:class:`BandScores` under `all` and the name of each band; under `confusion`, where it is
    kept, the matrix of each scene. Of a `PointSegMetric`, in the first process."""


class Origin(TypedDict):
    """What scores come from; see `describe_run`."""

    config: str
    config_sha256: str
    checkpoint: str
    checkpoint_sha256: str
    label_split: str | None
    label_split_sha256: str | None
    test_time_augmentation: bool
    dataset: str
    ann_file: str


class ScoreSettings(TypedDict, total=False):
    """The part of a config that scores follow from: as written there."""

    model: Any
    test_cfg: Any
    test_evaluator: Any
    tta_model: Any
    dataset: Any
    batch_size: int


class RobustnessSummary(TypedDict):
    """The rates under corruptions, and the errors where there is a baseline."""

    corruptions: list[str]
    resilience_rates: dict[str, float]
    """By corruption."""
    mean_resilience_rate: float
    baseline: NotRequired[str]
    """Its checkpoint."""
    baseline_sha256: NotRequired[str]
    corruption_errors: NotRequired[dict[str, float]]
    mean_corruption_error: NotRequired[float]


class StoredResult(Origin):
    """A result file of tools/test.py: where scores come from, and as many of them as are made."""

    num_samples: NotRequired[int]
    metrics: NotRequired[dict[str, float]]
    segmentation: NotRequired[dict[str, Any]]
    """As in :class:`Scored`."""
    corruption_seed: NotRequired[int]
    corruptions: NotRequired[dict[str, dict[str, Scored]]]
    """Corruption -> severity -> what its pass gave."""
    summary: NotRequired[RobustnessSummary]
