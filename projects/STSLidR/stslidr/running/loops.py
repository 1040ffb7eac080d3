"""An epoch loop that goes on where a run was stopped; validation and test loops."""

from __future__ import annotations

from collections.abc import Sized

from mmengine.dist import broadcast, get_world_size
from mmengine.evaluator import Evaluator
from mmengine.runner import EpochBasedTrainLoop, Runner, TestLoop, ValLoop
from torch.utils.data import DataLoader

from stslidr.errors import InputError
from stslidr.running.samplers import SeededSampler


class ResumableTrainLoop(EpochBasedTrainLoop):
    """mmengine's ``EpochBasedTrainLoop``, exact when resumed in mid-epoch.

    The stock loop restarts the epoch at batch 0 while its iteration counter goes on, so a resumed
    run sees some samples twice and numbers its batches wrongly. This one asks the sampler to leave
    out the batches that are done.

    Args:
        runner: the runner.
        dataloader: a loader, or the config of one, over a :class:`SeededSampler`.
        max_epochs: epochs to train.
        val_begin: first epoch after which to validate.
        val_interval: epochs from one validation to the next.

    Raises:
        InputError: the loader would yield no batch, or its sampler is not a ``SeededSampler``; a
            number of epochs is below 1.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: DataLoader | dict,
        max_epochs: int,
        val_begin: int = 1,
        val_interval: int = 1,
    ) -> None:
        for name, value in (('max_epochs', max_epochs), ('val_interval', val_interval)):
            if value < 1:
                raise InputError(f'train_cfg.{name} is {value}: at least 1 is needed')
        super().__init__(runner, dataloader, max_epochs, val_begin, val_interval)
        self._check_loader(self.dataloader)
        self._seen: int | None = None
        self._ahead = 0

    @property
    def num_samples(self) -> int:
        """Samples of an epoch."""
        return len(self.dataloader.dataset)

    @property
    def samples_per_batch(self) -> int:
        """Samples of a batch of all processes together."""
        return (self.dataloader.batch_size or 1) * get_world_size()

    def start_behind(self, num_seen: int) -> int:
        """Begin the first epoch behind samples that were seen, not where the iteration says.

        Returns:
            how many these are, at most all.
        """
        self._seen = min(num_seen, self.num_samples)
        return self._seen

    def count_seen(self, epoch: int, iteration: int) -> int:
        """Samples of an epoch that all processes together have seen at an iteration, counted on."""
        batches = iteration - epoch * len(self.dataloader)
        if batches <= 0:
            return 0
        ahead = self._ahead if epoch == self._epoch else 0
        return min(batches * self.samples_per_batch + ahead, self.num_samples)

    def count_left(self, num_seen: int) -> int:
        """Batches of an epoch that are left behind samples that were seen."""
        left = self.dataloader.sampler.count_left(num_seen)
        size = self.dataloader.batch_size or 1
        return left // size if self.dataloader.drop_last else -(-left // size)

    @staticmethod
    def _check_loader(loader: DataLoader) -> None:
        """Refuse a loader that this loop cannot run on."""
        if not isinstance(loader.sampler, SeededSampler):
            raise InputError(
                'train_dataloader.sampler must be of type SeededSampler (draws and resuming follow '
                f'from it), not {type(loader.sampler).__name__}'
            )
        check_not_empty(loader, 'train_dataloader')

    def run_epoch(self) -> None:
        """Run what is left of the current epoch."""
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        done = self._iter - self._epoch * len(self.dataloader)
        counted = done * self.samples_per_batch
        seen = min(counted, self.num_samples) if self._seen is None else self._seen
        self._ahead, self._seen = seen - counted, None
        self.dataloader.sampler.skip(seen)
        for batch_index, data_batch in enumerate(self.dataloader, start=done):
            self.run_iter(batch_index, data_batch)
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1
        self._ahead = 0


class CheckedValLoop(ValLoop):
    """mmengine's ``ValLoop`` that refuses a loader without a batch and scores the checkpoint.

    Without SyncBatchNorm every process has batch norm statistics of its own, and the checkpoint
    holds those of the first. All validate with these, so that a test of the checkpoint gives the
    same numbers; in training mode nothing reads them.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: DataLoader | dict,
        evaluator: Evaluator | dict | list,
        fp16: bool = False,
    ) -> None:
        super().__init__(runner, dataloader, evaluator, fp16)
        check_not_empty(self.dataloader, 'val_dataloader')

    def run(self) -> dict[str, float]:
        """Validate; return the metrics."""
        for buffer in self.runner.model.buffers():
            broadcast(buffer)
        return super().run()


class CheckedTestLoop(TestLoop):
    """mmengine's ``TestLoop`` that refuses a loader without a batch."""

    def __init__(
        self,
        runner: Runner,
        dataloader: DataLoader | dict,
        evaluator: Evaluator | dict | list,
        fp16: bool = False,
    ) -> None:
        super().__init__(runner, dataloader, evaluator, fp16)
        check_not_empty(self.dataloader, 'test_dataloader')


def check_not_empty(loader: DataLoader, name: str) -> None:
    """Raise an InputError if ``loader``, the config's ``name``, would yield no batch."""
    if len(loader) == 0:
        samples = len(loader.sampler) if isinstance(loader.sampler, Sized) else 'unknown'
        raise InputError(
            f'{name} would yield no batch: {samples} samples for this process, '
            f'batch_size {loader.batch_size}, drop_last {loader.drop_last}; lower '
            f'{name}.batch_size or set {name}.drop_last=False'
        )
