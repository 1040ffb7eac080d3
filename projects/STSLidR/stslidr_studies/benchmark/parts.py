"""All parts, in the order of a run: the names alone load nothing."""

from __future__ import annotations

from importlib import import_module

from stslidr_studies.benchmark.case import BenchmarkedPart

PLACES = {
    'loss': ('loss_step', 'LOSS'),
    'pixel-means': ('pixel_means', 'PIXEL_MEANS'),
    'pairing': ('camera_pairs', 'PAIRING'),
    'info-file': ('info_file', 'INFO_FILE'),
}
"""Name of a part -> the module in this folder, and the name in it."""


def find_part(name: str) -> BenchmarkedPart:
    """The part of this name."""
    module, constant = PLACES[name]
    part: BenchmarkedPart = getattr(import_module(f'stslidr_studies.benchmark.{module}'), constant)
    return part
