"""Checks every component of a config before anything is built: its type, its arguments.

What this finds would else be an error of the registry, of Python or of torch, without the place in
the config. What it cannot know, as arguments that a component passes on, it lets through.
"""

from __future__ import annotations

import inspect
import logging
import multiprocessing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mmengine import registry as registries
from mmengine.config import Config
from mmengine.optim import DefaultOptimWrapperConstructor
from mmengine.registry import DefaultScope, Registry
from mmengine.runner import Priority, Runner, get_priority
from torch.utils.data import DataLoader

from stslidr.errors import UnknownKeyError
from stslidr.running.component_arguments import ArgumentCheck, is_ours, look_up, scope_of
from stslidr.running.did_you_mean import did_you_mean

LOADER_EXTRAS = {'dataset', 'sampler', 'batch_sampler', 'num_batch_per_epoch', 'pin_memory'}
LOADER_KEYS = {'disable_subprocess_warning', *LOADER_EXTRAS}
"""What mmengine's runner reads of a dataloader beside the arguments of torch's."""
LOADER_TYPES = {
    'batch_size': int,
    'num_workers': int,
    'drop_last': bool,
    'persistent_workers': bool,
    'pin_memory': bool,
}
PLAIN = {
    'resume': bool,
    'load_from': str,
    'work_dir': str,
    'experiment_name': str,
    'log_level': int | str,
    'sync_bn': Literal['torch', 'mmcv'],
}
"""Type of each key that is no section."""
PARAMWISE_KEYS = frozenset(
    """
    bias_decay_mult bias_lr_mult bypass_duplicate custom_keys dcn_offset_lr_mult
    dwconv_decay_mult flat_decay_mult norm_decay_mult
    """.split()
)
"""What mmengine's default constructor of optimisers reads of ``paramwise_cfg``."""
NOT_BUILT = ('train_cfg', 'test_cfg', 'init_cfg')
"""Keys of a model whose dicts are read in many ways."""
OTHER_READERS = ('_cfg', '_layer', 'dcn')
"""How keys end whose dicts are read by a function with registries and arguments of its own."""
PARTS_OF_MODELS = (registries.MODELS, registries.TASK_UTILS)
DATASET_KEYS = ('dataset', 'datasets')
NESTED_STEPS = ('transforms', 'transform')


def check_components(config: Config) -> None:
    """Refuse a config with a component that cannot be built.

    Raises:
        UnknownKeyError: a type that is in no registry, or an argument that its class does not take.
        InputError: a component without a type, an argument that is missing or of another type, a
            section that is no dict, or no model. All name the place, such as ``model.criterion``.
    """
    one = ArgumentCheck(config.filename)
    one.check_value(config, 'default_scope', str | None, '')
    scope = config.get('default_scope') or 'mmengine'
    with DefaultScope.overwrite_default_scope(scope):
        _ComponentCheck(config, one).run()


@dataclass(frozen=True)
class _ComponentCheck:
    """One pass over a config."""

    config: Config
    one: ArgumentCheck
    """Checks each component."""

    def run(self) -> None:
        """Check each section that mmengine's runner builds."""
        config = self.config
        if not config.get('model'):
            raise self.one.wrong('there is no model')
        self._check_scope()
        for name, hint in PLAIN.items():
            if config.get(name) is not None:
                self.one.check_value(config, name, hint, '')
        self._check_model(config.model, 'model')
        if config.get('tta_model'):
            self._check_model(config.tta_model, 'tta_model')
        if config.get('tta_pipeline'):
            self._check_steps(config.tta_pipeline, 'tta_pipeline')
        for phase in ('train', 'val', 'test'):
            if config.get(f'{phase}_dataloader'):
                self._check_loader(config[f'{phase}_dataloader'], f'{phase}_dataloader')
            if config.get(f'{phase}_cfg'):
                self._check_loop(config[f'{phase}_cfg'], f'{phase}_cfg')
            if config.get(f'{phase}_evaluator') is not None:
                self._check_evaluator(config[f'{phase}_evaluator'], f'{phase}_evaluator')
        if config.get('optim_wrapper'):
            self._check_optim_wrapper(config.optim_wrapper)
        self._check_schedulers()
        self._check_hooks()
        self._check_visualizer()
        self._check_small_sections()

    def _check_scope(self) -> None:
        scope = self.config.get('default_scope') or 'mmengine'
        with registries.MODELS.switch_scope_and_registry(None) as found:
            if found.scope != scope:
                known = ['mmengine', *registries.MODELS.children]
                raise UnknownKeyError(
                    f'{self.config.filename}: default_scope: nothing is known of {scope!r}'
                    f'{did_you_mean(str(scope), known)}'
                )

    def _check_model(self, node: Any, place: str) -> None:
        """Check a model or a part of one, and the parts under it."""
        component = self.one.check(registries.MODELS, node, place)
        with scope_of(node):
            self._check_parts(node, place, built=is_ours(component))

    def _check_parts(self, node: Mapping, place: str, built: bool) -> None:
        """Check what stands under a component of a model.

        Args:
            node: the config of the component.
            place: of it.
            built: whether each dict with a type under it becomes a component as it is.
        """
        for key, value in node.items():
            if key in NOT_BUILT or key.endswith(OTHER_READERS) and not built:
                continue
            for where, part in _parts(value, f'{place}.{key}'):
                if built and 'type' not in part:
                    raise self.one.wrong(f'{where} has no type')
                if not isinstance(part.get('type'), str):
                    self._check_parts(part, where, built=False)
                else:
                    with scope_of(part):
                        self._check_part(part, where, built)

    def _check_part(self, part: Mapping, place: str, built: bool) -> None:
        for registry in PARTS_OF_MODELS:
            component = look_up(registry, part['type'])
            if component is not None:
                self.one.check_arguments(component, part, place, complete=built)
                self._check_parts(part, place, built=is_ours(component))
                return
        raise self.one.unknown_type(part['type'], place, PARTS_OF_MODELS)

    def _check_loader(self, loader: Any, place: str) -> None:
        """Check a dataloader: the data set, the samplers, the arguments of torch's."""
        self.one.need_dict(loader, place)
        known = LOADER_KEYS | set(inspect.signature(DataLoader).parameters)
        self.one.check_names(loader, known, place, 'a dataloader')
        for name, kind in LOADER_TYPES.items():
            self.one.check_value(loader, name, kind, place)
        for name, least in (('batch_size', 1), ('num_workers', 0)):
            if loader.get(name, least) < least:
                raise self.one.wrong(
                    f'{place}.{name} is {loader[name]}: at least {least} is needed'
                )
        if loader.get('persistent_workers') and not loader.get('num_workers'):
            raise self.one.wrong(f'{place}.persistent_workers needs num_workers above 0')
        for name in ('dataset', 'sampler'):
            if name not in loader:
                raise self.one.wrong(f'{place} has no {name}')
        self._check_dataset(loader['dataset'], f'{place}.dataset')
        for name in ('sampler', 'batch_sampler'):
            if loader.get(name) is not None:
                self.one.check(registries.DATA_SAMPLERS, loader[name], f'{place}.{name}')
        for name in ('collate_fn', 'worker_init_fn'):
            if name in loader and not callable(loader[name]):
                self._check_function(loader[name], f'{place}.{name}')

    def _check_function(self, node: Any, place: str) -> None:
        """Check that there is a function of this type; its caller gives it most arguments."""
        self.one.need_dict(node, place)
        if 'type' not in node:
            raise self.one.wrong(f'{place} has no type')
        self.one.find(registries.FUNCTIONS, node['type'], place)

    def _check_dataset(self, dataset: Any, place: str) -> None:
        """Check a data set, its pipeline, and the data sets that it wraps."""
        self.one.check(registries.DATASETS, dataset, place)
        if dataset.get('pipeline') is not None:
            self._check_steps(dataset['pipeline'], f'{place}.pipeline')
        for key in DATASET_KEYS:
            for where, inner in _parts(dataset.get(key), f'{place}.{key}'):
                self._check_dataset(inner, where)

    def _check_steps(self, steps: Any, place: str) -> None:
        """Check the transforms of a pipeline, and those within them."""
        if not isinstance(steps, list | tuple):
            raise self.one.wrong(f'{place} must be a list of transforms, not {steps!r}')
        for number, step in enumerate(steps):
            where = f'{place}.{number}'
            if isinstance(step, list | tuple):
                self._check_steps(step, where)
                continue
            if callable(step):
                continue
            self.one.check(registries.TRANSFORMS, step, where)
            for key in NESTED_STEPS:
                if isinstance(step.get(key), list | tuple):
                    self._check_steps(step[key], f'{where}.{key}')

    def _check_loop(self, loop: Any, place: str) -> None:
        """Check a loop; ``by_epoch`` stands for the type of one that trains."""
        self.one.need_dict(loop, place)
        settings = dict(loop)
        if 'type' not in loop and place == 'train_cfg':
            if 'by_epoch' not in loop:
                raise self.one.wrong(f'{place} has no type')
            by_epoch = settings.pop('by_epoch')
            settings['type'] = 'EpochBasedTrainLoop' if by_epoch else 'IterBasedTrainLoop'
        elif 'type' not in loop:
            settings['type'] = dict(val_cfg='ValLoop', test_cfg='TestLoop')[place]
        self.one.check(registries.LOOPS, settings, place)

    def _check_evaluator(self, evaluator: Any, place: str) -> None:
        """Check a metric, a list of metrics, or an evaluator, which is what has ``metrics``."""
        if not isinstance(evaluator, Mapping | list):
            raise self.one.wrong(f'{place} must be a dict or a list of dicts, not {evaluator!r}')
        if isinstance(evaluator, Mapping) and 'metrics' in evaluator:
            self.one.check(registries.EVALUATOR, {'type': 'Evaluator', **evaluator}, place)
            evaluator, place = evaluator['metrics'], f'{place}.metrics'
        for where, metric in _parts(evaluator, place):
            self.one.check(registries.METRICS, metric, where)

    def _check_optim_wrapper(self, wrapper: Any) -> None:
        """Check wrapper and optimiser; a constructor of their own may read anything."""
        place = 'optim_wrapper'
        self.one.need_dict(wrapper, place)
        if 'constructor' in wrapper:
            self.one.find(registries.OPTIM_WRAPPER_CONSTRUCTORS, wrapper['constructor'], place)
            return
        settings = {'type': 'OptimWrapper', **wrapper}
        paramwise = settings.pop('paramwise_cfg', None) or {}
        self.one.check(registries.OPTIM_WRAPPERS, settings, place)
        if 'optimizer' not in wrapper:
            raise self.one.wrong(f'{place} has no optimizer')
        self.one.check(registries.OPTIMIZERS, wrapper['optimizer'], f'{place}.optimizer')
        reader = DefaultOptimWrapperConstructor.__name__
        self.one.check_names(paramwise, PARAMWISE_KEYS, f'{place}.paramwise_cfg', reader)

    def _check_visualizer(self) -> None:
        visualizer = self.config.get('visualizer')
        if visualizer:
            self.one.check(registries.VISUALIZERS, visualizer, 'visualizer')
            for where, backend in _parts(visualizer.get('vis_backends'), 'visualizer.vis_backends'):
                self.one.check(registries.VISBACKENDS, backend, where)

    def _check_small_sections(self) -> None:
        """Check what has few keys: log processor, wrapper, randomness, scaling, log level."""
        config = self.config
        if config.get('log_processor'):
            self.one.need_dict(config.log_processor, 'log_processor')
            settings = {'type': 'LogProcessor', **config.log_processor}
            self.one.check(registries.LOG_PROCESSORS, settings, 'log_processor')
        if config.get('model_wrapper_cfg'):
            self.one.check(registries.MODEL_WRAPPERS, config.model_wrapper_cfg, 'model_wrapper_cfg')
        randomness = config.get('randomness') or {}
        self.one.check_call(Runner.set_randomness, randomness, 'randomness')
        self.one.check_value(randomness, 'seed', int | None, 'randomness')
        scaling = config.get('auto_scale_lr') or {}
        self.one.check_names(scaling, {'enable', 'base_batch_size'}, 'auto_scale_lr', 'mmengine')
        environment = config.get('env_cfg') or {}
        self.one.need_dict(environment, 'env_cfg')
        processes = environment.get('mp_cfg') or {}
        self.one.need_dict(processes, 'env_cfg.mp_cfg')
        self.one.check_value(processes, 'opencv_num_threads', int, 'env_cfg.mp_cfg')
        method = processes.get('mp_start_method')
        if method not in (None, *multiprocessing.get_all_start_methods()):
            raise self.one.wrong(f'env_cfg.mp_cfg.mp_start_method is {method!r}')
        level = config.get('log_level')
        if isinstance(level, str) and not isinstance(logging.getLevelName(level), int):
            raise self.one.wrong(f'log_level is {level!r}, no level of logging')

    def _check_schedulers(self) -> None:
        """Check schedulers: one, a list, or either for each optimiser that a constructor names."""
        name, section = 'param_scheduler', self.config.get('param_scheduler')
        several = 'constructor' in (self.config.get('optim_wrapper') or {})
        if several and isinstance(section, Mapping) and 'type' not in section:
            for key, part in section.items():
                self._check_each(registries.PARAM_SCHEDULERS, part, f'{name}.{key}')
        elif section is not None:
            self._check_each(registries.PARAM_SCHEDULERS, section, name)

    def _check_each(self, registry: Registry, section: Any, place: str) -> None:
        """Check the components of a section that is a component, or a list of them."""
        if not isinstance(section, list | tuple):
            self.one.check(registry, section, place)
            return
        for number, part in enumerate(section):
            self.one.check(registry, part, f'{place}.{number}')

    def _check_hooks(self) -> None:
        """Check the hooks, those that have names, of which None stands for none, and the list."""
        named, further = self.config.get('default_hooks') or {}, self.config.get('custom_hooks')
        self.one.need_dict(named, 'default_hooks')
        if not isinstance(further, list | tuple | None):
            raise self.one.wrong(f'custom_hooks must be a list of dicts, not {further!r}')
        hooks = {f'default_hooks.{key}': hook for key, hook in named.items() if hook is not None}
        hooks |= {f'custom_hooks.{number}': hook for number, hook in enumerate(further or ())}
        for place, hook in hooks.items():
            self.one.check(registries.HOOKS, hook, place)
            self._check_priority(hook.get('priority'), f'{place}.priority')

    def _check_priority(self, priority: Any, place: str) -> None:
        try:
            if priority is not None:
                get_priority(priority)
        except (KeyError, ValueError, TypeError) as error:
            names = ', '.join(level.name for level in Priority)
            raise self.one.wrong(
                f'{place} is {priority!r}, expected a number from 0 to 100, or {names}'
            ) from error


def _parts(value: Any, place: str) -> list[tuple[str, Mapping]]:
    """The dicts that a value is or lists, each with its place."""
    if isinstance(value, Mapping):
        return [(place, value)]
    if isinstance(value, list | tuple):
        return [part for n, item in enumerate(value) for part in _parts(item, f'{place}.{n}')]
    return []
