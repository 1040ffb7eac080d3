"""The profiles of the shipped data sets, by the name that `CorruptSweep` takes."""

from __future__ import annotations

from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI

PROFILES = {record.name: record.profile for record in (NUSCENES, SEMANTIC_KITTI) if record.profile}
