"""The report of a finished study: its sections in order, in one HTML file."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

from mmengine.config import Config

import stslidr.plugin  # noqa: F401  (registers what configs name)
from stslidr.files.atomic import write_bytes
from stslidr.prediction.predictor import choose_device
from stslidr.tooling.progress import show_progress
from stslidr_studies.report import (
    curves,
    feature_figure,
    interval_figure,
    label_figure,
    prediction_figure,
    similarity_figure,
    superpixel_figure,
)
from stslidr_studies.report.finished_study import FinishedStudy
from stslidr_studies.report.labelled_sweep import LabelledSweep, choose_sweep, labelled_samples
from stslidr_studies.report.models import SegmentorOutputs, SweepOutput, batch_of, load_pretrainer
from stslidr_studies.report.page import Section, page
from stslidr_studies.report.provenance_section import describe_provenance
from stslidr_studies.report.score_tables import compare_encoders, tabulate_classes
from stslidr_studies.report.shown_keyframe import (
    Keyframe,
    find_token,
    pretraining_samples,
    read_keyframe,
)
from stslidr_studies.report.similarity import compare_superpixels
from stslidr_studies.report.summary import write_opening
from stslidr_studies.study.cells import Cell


class Report:
    """A report on the method that a study shows, beside its baseline.

    Args:
        results: of the study.
        out: the file to write.

    Raises:
        InputError: there is no such method, or no linear probe.
    """

    def __init__(self, results: FinishedStudy, out: str | Path) -> None:
        self.results, self.out = results, Path(out)
        self.method = results.shown
        self.device = choose_device(None)
        study = results.study
        self.titles = {name: study.methods[name].title for name in (self.method, study.baseline)}

    def write(self) -> None:
        """Build all sections and write the file atomically.

        Raises:
            MissingFileError: a file of the data or of a cell is missing; names it.
            InputError: one is damaged; names it.
        """
        warnings.filterwarnings('ignore', "Don't suggest using CPU device")  # of MMDetection3D's
        builders = self._builders()
        built = show_progress((build() for build in builders), len(builders), 0, 'sections')
        sections = [section for section in built if section is not None]
        study = self.results.study
        html = page(study.title, write_opening(self.results, self.method), sections)
        write_bytes(self.out, html.encode())

    def _builders(self) -> list[Callable[[], Section | None]]:
        """What makes each section, in order; a section that has nothing to show is None."""
        return [
            partial(tabulate_classes, self.results),
            partial(interval_figure.draw_section, self.results),
            partial(label_figure.draw_section, self.results),
            partial(compare_encoders, self.results, self.method),
            self._superpixels,
            self._similarity,
            self._features,
            self._predictions,
            self._curves,
            partial(describe_provenance, self.results, self.out),
        ]

    @cached_property
    def labelled(self) -> LabelledSweep:
        """The held-out sweep."""
        return choose_sweep(labelled_samples(self._probe_config(self.method)))

    @cached_property
    def keyframe(self) -> Keyframe:
        """The keyframe: the held-out sweep's where pretraining's data have it, else their first."""
        pretraining = self.results.pretraining(self.method)
        samples = pretraining_samples(self.results.config(pretraining))
        return read_keyframe(samples, find_token(samples, self.labelled.token) or 0)

    @cached_property
    def probes(self) -> dict[str, SegmentorOutputs]:
        """The linear probes, by the title of their method."""
        models = {}
        for name, title in self.titles.items():
            cell = self._probe(name)
            models[title] = SegmentorOutputs(
                self.results.config(cell), self.results.checkpoint(cell), self.device
            )
        return models

    def _outputs(self, sweep: str) -> dict[str, SweepOutput]:
        return {title: probe(sweep) for title, probe in self.probes.items()}

    def _superpixels(self) -> Section | None:
        if not self.keyframe.num_superpixels:
            return None
        return superpixel_figure.draw_section(self.keyframe)

    def _similarity(self) -> Section | None:
        if not self.keyframe.num_superpixels:
            return None
        pretraining = self.results.pretraining(self.method)
        model = load_pretrainer(
            self.results.config(pretraining), self.results.checkpoint(pretraining), self.device
        )
        similarities = compare_superpixels(model, batch_of(model, self.keyframe))
        same = self.keyframe.token is not None and self.keyframe.token == self.labelled.token
        return similarity_figure.draw_section(
            self.keyframe, similarities, self.labelled if same else None
        )

    def _features(self) -> Section:
        return feature_figure.draw_section(self.keyframe, self._outputs(self.keyframe.sweep))

    def _predictions(self) -> Section:
        return prediction_figure.draw_section(self.labelled, self._outputs(self.labelled.path))

    def _curves(self) -> Section:
        pretraining = self.results.pretraining(self.method)
        return curves.draw_section(
            {self.titles[self.method]: self.results.log(pretraining)},
            {title: self.results.log(self._probe(name)) for name, title in self.titles.items()},
        )

    def _probe(self, method: str) -> Cell:
        return self.results.cell(method, self.results.probe, self.results.first_seed)

    def _probe_config(self, method: str) -> Config:
        return self.results.config(self._probe(method))
