"""mmengine's runner, loading through the one reader of checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmengine.runner.checkpoint import _load_checkpoint_to_model

from stslidr.checkpoints.checkpoint import Checkpoint


class CheckedRunner(Runner):
    """mmengine's ``Runner`` that loads a :class:`Checkpoint`, read once, and runs nothing in it."""

    _start: Checkpoint | None = None

    def start_from(self, checkpoint: Checkpoint | None) -> None:
        """Keep what was read already for :meth:`load_checkpoint`."""
        self._start = checkpoint

    def load_checkpoint(
        self,
        filename: str,
        map_location: str | Callable = 'cpu',
        strict: bool = False,
        revise_keys: list = [(r'^module.', '')],  # noqa: B006  (mmengine's own default)
    ) -> dict[str, Any]:
        """Load the weights of a file; returns its content, as mmengine's own method does.

        An address with a scheme is left to mmengine.

        Raises:
            MissingFileError: there is no such file.
            InputError: the file is damaged, or holds more than plain data.
        """
        if '://' in filename:
            return super().load_checkpoint(filename, map_location, strict, revise_keys)
        start, self._start = self._start, None
        if start is None or str(start.path) != str(filename):
            start = Checkpoint.read(filename)
        content = start.copy_content()
        self.call_hook('after_load_checkpoint', checkpoint=content)
        model = self.model.module if is_model_wrapper(self.model) else self.model
        content = _load_checkpoint_to_model(model, content, strict, revise_keys=revise_keys)
        self._has_loaded = True
        self.logger.info(f'Load checkpoint from {filename}')
        return content
