"""mmengine's runner: one reader of checkpoints, a user's mistakes told from faults."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmengine.runner.checkpoint import _load_checkpoint_to_model

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.running.refused_builds import refusals_as_mistakes


def _checked(method: str, section: str) -> Callable:
    """A method of mmengine in which a component that refuses its arguments is a user's mistake."""
    build = getattr(Runner, method)

    @functools.wraps(build)
    def checked(runner: Runner, *args: Any, **kwargs: Any) -> Any:
        with refusals_as_mistakes(section, runner.cfg._cfg_dict):
            return build(runner, *args, **kwargs)

    return checked


class CheckedRunner(Runner):
    """mmengine's ``Runner`` that loads a :class:`Checkpoint`: read once, nothing in it runs.

    An address with a scheme is left to mmengine, which trusts what is served there.

    What a component refuses when it is built from the config is an ``InputError``.
    """

    build_model = _checked('build_model', 'model')
    wrap_model = _checked('wrap_model', 'model_wrapper_cfg')
    build_optim_wrapper = _checked('build_optim_wrapper', 'optim_wrapper')
    build_param_scheduler = _checked('build_param_scheduler', 'param_scheduler')
    build_train_loop = _checked('build_train_loop', 'train_cfg and train_dataloader')
    build_val_loop = _checked('build_val_loop', 'val_cfg, val_dataloader and val_evaluator')
    build_test_loop = _checked('build_test_loop', 'test_cfg, test_dataloader and test_evaluator')
    build_log_processor = _checked('build_log_processor', 'log_processor')
    build_visualizer = _checked('build_visualizer', 'visualizer')
    register_default_hooks = _checked('register_default_hooks', 'default_hooks')
    register_custom_hooks = _checked('register_custom_hooks', 'custom_hooks')

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
        if start is None or start.path != Path(filename):
            start = Checkpoint.read(filename)
        content = start.copy_content()
        self.call_hook('after_load_checkpoint', checkpoint=content)
        model = self.model.module if is_model_wrapper(self.model) else self.model
        content = _load_checkpoint_to_model(model, content, strict, revise_keys=revise_keys)
        self._has_loaded = True
        self.logger.info(f'Load checkpoint from {filename}')
        return content
