"""Where the time of one pretraining iteration goes."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import torch
from mmdet3d.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate

from stslidr.core.seeding import SampleKey
from stslidr.errors import InputError
from stslidr.text import markdown_table

PARTS = ('image_encoder', 'image_head', 'backbone', 'point_head', 'criterion')


def check_parts(config: Config) -> None:
    """Refuse a config whose model has other parts than those that are timed.

    Raises:
        InputError: it is no pretraining config.
    """
    missing = [name for name in PARTS if name not in config.model]
    if missing or not config.get('train_dataloader'):
        raise InputError(
            f'{config.filename} is no pretraining config: it lacks '
            f'{", ".join(missing) or "train_dataloader"}'
        )


class StepTimer:
    """Seconds of each part of an iteration: loading, forward of each module, backward, update.

    Args:
        config: a pretraining config; the first keyframe of its training set is used.
        device: where the model runs.

    Raises:
        InputError: the config is none of a pretraining.
    """

    def __init__(self, config: Config, device: str = 'cpu') -> None:
        check_parts(config)
        self.device = torch.device(device)
        self.dataset = DATASETS.build(config.train_dataloader.dataset)
        self.model = MODELS.build(config.model).to(self.device).train()
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.SGD(parameters, lr=1e-3, momentum=0.9)
        self.seconds: dict[str, list[float]] = {}
        for name in PARTS:
            module = getattr(self.model, name)
            for call in ('forward', 'pool'):  # the latter where a head makes no map of all pixels
                if hasattr(module, call):
                    setattr(module, call, self._timed(name, getattr(module, call)))

    def iterate(self, epoch: int) -> None:
        """Run one whole iteration with the draws of ``epoch``."""
        with self._clock('whole iteration'):
            with self._clock('loading a keyframe'):
                data = pseudo_collate([self.dataset[SampleKey(0, epoch, 0)]])
            batch = self.model.data_preprocessor(data, True)['inputs']
            with self._clock('forward'):
                loss = self.model.distill(batch).loss
            with self._clock('backward'):
                self.optimizer.zero_grad()
                loss.backward()
            with self._clock('update'):
                self.optimizer.step()

    def table(self) -> str:
        """Return the medians as a Markdown table, and the peak memory."""
        rows = dict(self._medians())
        rows['pooling'] = rows.pop('forward') - sum(rows[name] for name in PARTS)
        order = ('loading a keyframe', *PARTS[:4], 'pooling', 'criterion', 'backward', 'update')
        lines = [(name, f'{rows[name]:.2f}') for name in order]
        lines.append(('**whole iteration**', f'**{rows["whole iteration"]:.2f}**'))
        table = markdown_table(('part', 'seconds'), lines)
        return f'{table}\n\npeak memory: {self.peak_gib():.1f} GiB'

    def peak_gib(self) -> float:
        """Return the peak memory in GiB: of the GPU, or of the process on a CPU."""
        if self.device.type == 'cuda':
            return torch.cuda.max_memory_allocated() / 2**30
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20

    def _medians(self) -> Iterator[tuple[str, float]]:
        """Yield each part with its median, the first iteration (a warm-up) left out."""
        for name, values in self.seconds.items():
            yield name, median(values[1:] or values)

    @contextmanager
    def _clock(self, name: str) -> Iterator[None]:
        start = self._now()
        yield
        self.seconds.setdefault(name, []).append(self._now() - start)

    def _now(self) -> float:
        if self.device.type == 'cuda':
            torch.cuda.synchronize()
        return time.perf_counter()

    def _timed(self, name: str, forward: Callable) -> Callable:
        def timed(*args: object, **kwargs: object) -> object:
            with self._clock(name):
                return forward(*args, **kwargs)

        return timed
