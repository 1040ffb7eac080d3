"""Whether a segmentor tells as many classes apart as its data have."""

from __future__ import annotations

from collections.abc import Mapping

from mmengine.config import Config

from stslidr.datasets.labelled_datasets import record_of
from stslidr.errors import InputError
from stslidr.segmentation.head import LinearSegHead

HEAD = LinearSegHead.__name__
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


def check_class_count(config: Config) -> None:
    """Refuse a head of more or fewer logits than the data have classes.

    With fewer the loss fails at some label, with more the ignored points would count as a class.

    Raises:
        InputError: names both numbers.
    """
    head = (config.get('model') or {}).get('decode_head')
    if not isinstance(head, Mapping) or head.get('type') not in (LinearSegHead, HEAD):
        return  # heads of others may have a logit for the ignored points
    count = head.get('num_classes')
    for name in LOADERS:
        dataset = (config.get(name) or {}).get('dataset') or {}
        record = record_of(dataset) if count is not None and 'type' in dataset else None
        if record is not None and len(record.classes) != count:
            raise InputError(
                f'model.decode_head.num_classes is {count}, but {record.name!r}, the data set of '
                f'{name}, has {len(record.classes)} classes'
            )
