"""One component of a config: its type in a registry, its arguments in the class's signature."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from mmengine import registry as registries
from mmengine.registry import DefaultScope, Registry

from stslidr.errors import InputError, UnknownKeyError
from stslidr.running.config_file import OURS, PLUGIN
from stslidr.running.did_you_mean import did_you_mean
from stslidr.running.signatures import Signature, fits, is_number, signature_of, type_name

RUNNER_GIVES = {
    'train_cfg': {'runner', 'dataloader'},
    'val_cfg': {'runner', 'dataloader', 'evaluator'},
    'test_cfg': {'runner', 'dataloader', 'evaluator'},
    'sampler': {'dataset', 'seed'},
    'batch_sampler': {'sampler', 'batch_size'},
    'optim_wrapper': {'optimizer'},
    'optimizer': {'params'},
    'param_scheduler': {'optimizer', 'param_name', 'epoch_length'},
    'model_wrapper_cfg': {'module', 'device_ids'},
    'tta_model': {'module'},
    'visualizer': {'name', 'save_dir'},
    'vis_backends': {'save_dir'},
    'image_head': {'in_channels', 'scale'},
    'point_head': {'in_channels'},
    'decode_head': {'channels'},
}
"""Key under which a component stands -> arguments that it gets from who builds it."""
READ_BY_RUNNER = {
    'param_scheduler': {'convert_to_iter_based'},
    'custom_hooks': {'priority'},
    'default_hooks': {'priority'},
}
"""Section -> keys of its components that mmengine's runner reads and takes away."""


@dataclass(frozen=True)
class ArgumentCheck:
    """Checks single components of one config file.

    Args:
        filename: of the config, for the messages.
    """

    filename: str | None

    def check(self, registry: Registry, node: Any, place: str) -> Callable:
        """Check one component that a registry builds from a dict as it is; return its class."""
        self.need_dict(node, place)
        if 'type' not in node:
            raise self.wrong(f'{place} has no type')
        with scope_of(node):
            component = self.find(registry, node['type'], place)
        self.check_arguments(component, node, place, complete=True)
        return component

    def check_arguments(
        self, component: Callable, node: Mapping, place: str, complete: bool
    ) -> None:
        """Compare the keys of a dict to the arguments of its component."""
        try:
            signature = signature_of(component, follow=is_ours(component))
        except ValueError:  # some functions in C have none
            return
        name = getattr(component, '__name__', str(component))
        self.check_against(signature, node, place, name, complete)
        for key in node.keys() & signature.hints.keys():
            hint = signature.hints[key]
            # elsewhere annotations are less strict than code, but for numbers
            if is_ours(component) or isinstance(node[key], str) and is_number(hint):
                self.check_value(node, key, hint, place)

    def check_call(self, function: Callable, node: Any, place: str) -> None:
        """Compare a dict to the arguments of a method that gets all of it."""
        signature = signature_of(function, follow=False)
        self.check_against(signature, node, place, 'mmengine', complete=False)
        for key in node.keys() & signature.hints.keys():
            self.check_value(node, key, signature.hints[key], place)

    def check_against(
        self, signature: Signature, node: Mapping, place: str, name: str, complete: bool
    ) -> None:
        """Compare the keys of a dict to a signature; ``complete``: it must have all required."""
        section, given = place.split('.')[0], set()
        for part in (section, *[part for part in place.split('.') if not part.isdigit()][-1:]):
            given |= RUNNER_GIVES.get(part, set())
        extras = {'type', '_scope_', *given, *READ_BY_RUNNER.get(section, ())}
        if not signature.takes_any:
            self.check_names(node, signature.names | extras, place, name, given)
        missing = signature.required - node.keys() - given
        if missing and complete:
            raise self.wrong(f'{place}: {name} needs {", ".join(sorted(missing))}')

    def check_names(
        self,
        node: Any,
        known: Iterable[str],
        place: str,
        name: str,
        unsaid: Iterable[str] = frozenset(),
    ) -> None:
        """Refuse keys that are not ``known`` to ``name``; ``unsaid`` are not proposed."""
        self.need_dict(node, place)
        unknown = [key for key in node if key not in set(known)]
        if unknown:
            takes = sorted(set(known) - {'type', '_scope_', *unsaid})
            raise UnknownKeyError(
                f'{self.filename}: {place}: {name} takes no {unknown[0]!r}'
                f'{did_you_mean(str(unknown[0]), takes) or "; it takes " + ", ".join(takes)}'
            )

    def check_value(self, node: Mapping, key: str, hint: Any, place: str) -> None:
        """Refuse a value of another type than ``hint``, where there is one."""
        if key in node and not fits(node[key], hint):
            value = node[key]
            path = f'{place}.{key}'.removeprefix('.')
            raise self.wrong(
                f'{path} is {value!r} ({type(value).__name__}), expected {type_name(hint)}'
            )

    def find(self, registry: Registry, name: Any, place: str) -> Callable:
        """The class that a registry has under a name."""
        if callable(name):
            return name
        found = look_up(registry, name) if isinstance(name, str) else None
        if found is None:
            raise self.unknown_type(name, place, [registry])
        return found

    def unknown_type(self, name: Any, place: str, among: Sequence[Registry]) -> UnknownKeyError:
        """The error for a type that none of the registries has."""
        known = {key for registry in among for key in _names(registry)}
        kind = among[0].name if len(among) == 1 else 'component'
        hint = ''
        if not any(map(is_ours, _classes(registries.MODELS))):
            hint = (
                '. No component of this project is registered: the config lacks the line '
                f"custom_imports = dict(imports=['{PLUGIN}'])"
            )
        return UnknownKeyError(
            f'{self.filename}: {place}: there is no {kind} of the type {name!r}'
            f'{did_you_mean(str(name), known)}{hint}'
        )

    def need_dict(self, node: Any, place: str) -> None:
        """Refuse what is no dict."""
        if not isinstance(node, Mapping):
            raise self.wrong(f'{place} must be a dict, not {node!r} ({type(node).__name__})')

    def wrong(self, text: str) -> InputError:
        """The error of a config that holds what it may not hold."""
        return InputError(f'{self.filename}: {text}')


def scope_of(node: Mapping) -> AbstractContextManager[None]:
    """Where the types of a component, and of the parts under it, are looked up."""
    return DefaultScope.overwrite_default_scope(node.get('_scope_'))


def look_up(registry: Registry, name: str) -> Callable | None:
    """What a registry builds for a type, in the scope that is set."""
    with registry.switch_scope_and_registry(None) as own:
        return own.get(name)


def is_ours(component: Any) -> bool:
    """Whether a class or function is of this project."""
    return OURS in getattr(component, '__module__', '').split('.')


def _names(registry: Registry) -> set[str]:
    """The types that are found from the scope that is set."""
    with registry.switch_scope_and_registry(None) as own:
        names = set(own.module_dict)
        while own.parent is not None:
            own = own.parent
            names |= set(own.module_dict)
    return names


def _classes(registry: Registry) -> list[Any]:
    """What is registered in any scope."""
    family = (registry, *registry.children.values())
    return [item for own in family for item in own.module_dict.values()]
