"""How well classes can be told from single pixels' colours, and from single points' values.

If appearance were a colour code, a classifier that sees one pixel, or one point's intensity and
height, would find the classes of scenes that it was not trained on. Here is how well the best of
several does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.tree import DecisionTreeClassifier

from stslidr.dataset_records.nuscenes import LIDARSEG, NUSCENES
from stslidr.errors import InputError
from stslidr.evaluation.confusion import class_iou
from stslidr.files import lidarseg_classes
from stslidr.files.label_png import read_labels
from stslidr.inspection.keyframe_files import KeyframeFiles, pair_cameras
from stslidr.tooling.progress import show_progress
from stslidr_studies.separability.class_samples import ClassSampler, LabelledRows

NUM_CLASSES = lidarseg_classes.IGNORED
PRIORS = {'natural': 1.0, 'square root': 0.5, 'balanced': 0.0}
"""Name -> exponent on the classes' frequencies in training."""
HEIGHT, INTENSITY = 2, 3  # columns of a sweep

Reader = Callable[[KeyframeFiles], tuple[np.ndarray, np.ndarray]]
"""Gives a keyframe's rows of features (N, F) and their classes, int64 (N,)."""


def gradient_boosting(seed: int) -> ClassifierMixin:
    """Boosted trees, each of which adds to what those before it say."""
    return HistGradientBoostingClassifier(max_iter=60, early_stopping=False, random_state=seed)


def decision_tree(seed: int) -> ClassifierMixin:
    """One deep tree: with two or three features it comes to a histogram of fitting bins."""
    return DecisionTreeClassifier(min_samples_leaf=20, random_state=seed)


CLASSIFIERS = {'gradient boosting': gradient_boosting, 'decision tree': decision_tree}


@dataclass(frozen=True, eq=False)
class Separability:
    """How well the best classifier tells the held-out classes.

    Attributes:
        best: name of the classifier with the highest mIoU.
        iou: float64 (K,), its IoU of each class, NaN unless training and held-out rows have it.
        mious: mIoU of each classifier, by name.
    """

    best: str
    iou: np.ndarray
    mious: dict[str, float]

    @property
    def miou(self) -> float:
        """The mIoU of the best classifier."""
        return self.mious[self.best]


def read_point_values(keyframe: KeyframeFiles) -> tuple[np.ndarray, np.ndarray]:
    """Intensity and height in the LiDAR frame of each point, float32 (N, 2), and its class.

    Raises:
        MissingFileError: if the sweep or its labels are not there.
        InputError: if a file is damaged, or the info file names no labels.
    """
    sweep = keyframe.read_sweep()
    return sweep[:, [INTENSITY, HEIGHT]], _point_classes(keyframe, len(sweep))


def read_colours_at_points(keyframe: KeyframeFiles) -> tuple[np.ndarray, np.ndarray]:
    """Colour of each pixel that a point falls on, uint8 (N, 3), and the point's class.

    Raises:
        MissingFileError: if the sweep, its labels or an image is not there.
        InputError: if a file is damaged, or the info file names no labels.
    """
    sweep, cameras = keyframe.read_sweep(), keyframe.cameras()
    classes = _point_classes(keyframe, len(sweep))
    pairs = pair_cameras(sweep, cameras)
    colours = [np.empty((0, 3), dtype=np.uint8)]
    for number, camera in enumerate(cameras):
        colours.append(camera.read()[tuple(pairs.pixels[pairs.images == number].T)])
    return np.concatenate(colours), classes[pairs.points]  # pairs are sorted by image


@dataclass(frozen=True)
class ReadColoursOfMaps:
    """Reads the colour of every pixel, uint8 (N, 3), and its class from a map of the image.

    Args:
        folder: holds `<sample_data_token>.png` of each image, with lidarseg's raw ids.
    """

    folder: Path

    def __call__(self, keyframe: KeyframeFiles) -> tuple[np.ndarray, np.ndarray]:
        """Read a keyframe.

        Raises:
            MissingFileError: if an image or its map is not there.
            InputError: if one is damaged, or they do not fit together.
        """
        colours, classes = [], []
        for camera in keyframe.cameras():
            path = self.folder / f'{camera.token}.png'
            raw = read_labels(path)
            if raw.shape != camera.size or raw.max() >= len(LIDARSEG.class_table):
                raise InputError(
                    f'class map {path} has {raw.shape} pixels up to {raw.max()}, its '
                    f'image {camera.size}, lidarseg ids up to 31'
                )
            colours.append(camera.read().reshape(-1, 3))
            classes.append(LIDARSEG.class_table[raw.ravel()])
        return np.concatenate(colours), np.concatenate(classes)


def sample_rows(
    keyframes: Sequence[KeyframeFiles], read: Reader, limit: int, seed: int, description: str
) -> LabelledRows:
    """Draw at most `limit` rows of each class from keyframes, with a progress bar.

    Raises:
        MissingFileError: if a file is not there.
        InputError: if a file is damaged, or no row has any of the classes.
    """
    sampler = ClassSampler(NUM_CLASSES, limit, seed)
    for rows in show_progress(map(read, keyframes), len(keyframes), 0, description):
        sampler.add(*rows)
    return sampler.rows()


def measure_separability(
    training: LabelledRows, held_out: LabelledRows, seed: int = 0
) -> Separability:
    """Train every classifier with every prior; score each on the held-out rows' own frequencies.

    Means are over the classes that both have: one that training never showed cannot be found.

    Raises:
        InputError: if there is no such class.
    """
    known = training.counts > 0
    if not np.any(known & (held_out.counts > 0)):
        raise InputError('training and held-out scenes have no class in common')
    natural = held_out.weights(prior=1.0)
    ious = {}
    settings = [(name, prior) for name in CLASSIFIERS for prior in PRIORS]
    for name, prior in show_progress(iter(settings), len(settings), 0, 'classifiers'):
        classifier = CLASSIFIERS[name](seed)
        classifier.fit(training.features, training.classes, training.weights(PRIORS[prior]))
        predictions = classifier.predict(held_out.features)
        iou = iou_of_labelled_classes(held_out.classes, predictions, natural, NUM_CLASSES)
        ious[f'{name}, {prior} prior'] = np.where(known, iou, np.nan)
    mious = {name: float(np.nanmean(iou)) for name, iou in ious.items()}
    best = max(mious, key=mious.__getitem__)
    return Separability(best, ious[best], mious)


def iou_of_labelled_classes(
    classes: np.ndarray, predictions: np.ndarray, weights: np.ndarray, num_classes: int
) -> np.ndarray:
    """Intersection over union of each class that has a row, each row with a weight.

    As :func:`stslidr.evaluation.confusion.class_iou` of the weighted confusion matrix, but a class
    without a row is left out even if it is predicted: the mean over the others is then
    never lower for it.

    Args:
        classes: integers (N,), 0 to K - 1.
        predictions: integers (N,), 0 to K - 1.
        weights: float64 (N,), what each row counts.
        num_classes: K.

    Returns:
        float64 (K,), NaN for classes without a row.
    """
    cells = classes * num_classes + predictions
    confusion = np.bincount(cells, weights, num_classes**2).reshape(num_classes, num_classes)
    return np.where(confusion.sum(axis=1) > 0, class_iou(confusion), np.nan)


def _point_classes(keyframe: KeyframeFiles, num_points: int) -> np.ndarray:
    """Lidarseg class of each point; raises InputError if the info file names no such labels."""
    if keyframe.record is not NUSCENES:
        raise InputError(
            f'{keyframe.entry.where}: no info file of nuScenes, whose classes are needed here'
        )
    classes = keyframe.read_classes(num_points)
    if classes is None:
        raise InputError(
            f'{keyframe.entry.where} has no entry pts_semantic_mask_path: classes are '
            'read from lidarseg files'
        )
    return classes
