"""Study files: what is compared with what, in YAML, checked to the last key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stslidr.errors import InputError, MissingFileError, UserError
from stslidr.files.access import readable
from stslidr.files.shipped import find_shipped

PRETRAIN = 'pretrain'
"""The step that is no task, and the name of its folder."""
SET_BY_TOOL = ('randomness.seed', 'load_from', 'resume', 'work_dir')
"""Options that follow from a cell, so that a study file must not have them."""
NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9_.-]*')


@dataclass(frozen=True)
class Method:
    """One row of the table.

    Args:
        name: key in the file and folder name.
        title: what the tables say.
        pretrain: config of the pretraining; None starts every task from random weights.
        options: ``--cfg-options`` of the pretraining, dotted keys to values.
        tasks: names of the tasks it is scored on.
    """

    name: str
    title: str
    pretrain: str | None
    options: Mapping[str, Any]
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """One column of the table.

    Args:
        name: key in the file and folder name.
        title: what the tables say.
        config: of methods with pretraining.
        scratch: config of methods without.
        options: ``--cfg-options`` of both, dotted keys to values.
    """

    name: str
    title: str
    config: str
    scratch: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class LabelSaving:
    """Which label fraction of the baseline's `curve` matches a method's score on `pretrained`."""

    pretrained: str
    curve: tuple[str, ...]


@dataclass(frozen=True)
class Study:
    """A whole study file; methods and tasks by name, in its order.

    Args:
        path: the file.
        title: heads the tables.
        data_root: ``--data-root`` of every run.
        gpus_per_run: processes of a distributed run; 0 runs without a launcher.
        seeds: distinct, at least 0.
        options: ``--cfg-options`` of every run.
        methods: at least one.
        tasks: at least one.
        baseline: the method that differences are to.
        compare: pairs of methods whose differences are asked for beside.
        shown: the pretrained method that the report draws; None where no method is pretrained.
        label_saving: None where the study does not ask.
        table: row title -> column title -> method, a further arrangement of the scores.
    """

    path: str
    title: str
    data_root: str
    gpus_per_run: int
    seeds: tuple[int, ...]
    options: Mapping[str, Any]
    methods: Mapping[str, Method]
    tasks: Mapping[str, Task]
    baseline: str
    compare: tuple[tuple[str, str], ...]
    shown: str | None
    label_saving: LabelSaving | None
    table: Mapping[str, Mapping[str, str]]


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error: the first would be lost.

    So is an alias, by which a file of ten lines unfolds to gigabytes.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise InputError(f'line {mark.line + 1}: aliases (*name) are not read: write it out')
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = [key for position, key in enumerate(keys) if key in keys[:position]]
        if twice:
            raise InputError(f'line {node.start_mark.line + 1}: the key {twice[0]!r} stands twice')
        return super().construct_mapping(node, deep)


def read_study(path: str | Path) -> Study:
    """Read and check a study file.

    Config paths and the data root are relative to the current folder, as for ``tools/train.py``.

    Raises:
        MissingFileError: there is no such file, or no such config; names the key.
        FileAccessError: the file cannot be read, as a folder of that name.
        InputError: the file is no YAML, lacks a key, has an unknown one or a wrong value; names
            the file, the key and what is known.
    """
    try:
        with readable('study', path):
            text = Path(path).read_text(encoding='utf-8')
        content = yaml.load(text, Loader=_StrictLoader)
    except FileNotFoundError:
        raise MissingFileError(f'study {path} does not exist') from None
    except InputError as error:
        raise InputError(f'study {path}, {error}') from None
    except (
        yaml.YAMLError,
        ValueError,
        TypeError,
        RecursionError,
    ) as error:  # no UTF-8, no such date
        raise InputError(f'study {path} is no readable YAML: {error}') from error
    try:
        return _build(str(path), content)
    except UserError as error:
        raise type(error)(f'study {path}: {error}') from None


def _build(path: str, content: Any) -> Study:
    entry = _entry(
        content,
        'the file',
        required=('title', 'data_root', 'seeds', 'methods', 'tasks', 'baseline'),
        optional=('gpus_per_run', 'options', 'compare', 'shown', 'label_saving', 'table'),
    )
    gpus = entry.get('gpus_per_run', 0)
    if not _is_count(gpus):
        raise InputError(f'gpus_per_run: {gpus!r} is no integer of at least 0')
    tasks = {name: _task(name, value) for name, value in _named(entry['tasks'], 'tasks')}
    methods = {
        name: _method(name, value, tasks) for name, value in _named(entry['methods'], 'methods')
    }
    _known(entry['baseline'], methods, 'baseline', 'method')
    _check_titles(methods, 'methods')
    _check_titles(tasks, 'tasks')
    for name in tasks:
        if not any(name in method.tasks for method in methods.values()):
            raise InputError(f'tasks.{name}: no method runs it')
    return Study(
        path=path,
        title=_text(entry['title'], 'title'),
        data_root=_text(entry['data_root'], 'data_root'),
        gpus_per_run=gpus,
        seeds=_seeds(entry['seeds']),
        options=_options(entry.get('options', {}), 'options'),
        methods=methods,
        tasks=tasks,
        baseline=entry['baseline'],
        compare=_compare(entry.get('compare', []), methods),
        shown=_shown(entry.get('shown'), methods),
        label_saving=_label_saving(
            entry.get('label_saving'), methods, methods[entry['baseline']], tasks
        ),
        table=_table(entry.get('table', {}), methods),
    )


def _task(name: str, value: Any) -> Task:
    if name == PRETRAIN:
        raise InputError(f'tasks.{name}: this name is that of the pretraining; take another')
    where = f'tasks.{name}'
    entry = _entry(value, where, required=('title', 'config'), optional=('scratch', 'options'))
    config = _config(entry['config'], f'{where}.config')
    scratch = _config(entry.get('scratch', config), f'{where}.scratch')
    return Task(
        name,
        _text(entry['title'], f'{where}.title'),
        config,
        scratch,
        _options(entry.get('options', {}), f'{where}.options'),
    )


def _method(name: str, value: Any, tasks: Mapping[str, Task]) -> Method:
    where = f'methods.{name}'
    entry = _entry(value, where, required=('title',), optional=(PRETRAIN, 'options', 'tasks'))
    chosen = entry.get('tasks', list(tasks))
    if not isinstance(chosen, list) or not chosen:
        raise InputError(f'{where}.tasks: {chosen!r} is no list of tasks')
    for task in chosen:
        _known(task, tasks, f'{where}.tasks', 'task')
    if 'options' in entry and PRETRAIN not in entry:
        raise InputError(f'{where}.options: they go to the pretraining, and there is none')
    return Method(
        name=name,
        title=_text(entry['title'], f'{where}.title'),
        pretrain=_config(entry[PRETRAIN], f'{where}.{PRETRAIN}') if PRETRAIN in entry else None,
        options=_options(entry.get('options', {}), f'{where}.options'),
        tasks=tuple(task for task in tasks if task in chosen),
    )


def _check_titles(named: Mapping[str, Method | Task], where: str) -> None:
    """Refuse equal titles: in the tables nothing would tell them apart."""
    first: dict[str, str] = {}
    for name, entry in named.items():
        if first.setdefault(entry.title, name) != name:
            raise InputError(f'{where}.{name}.title: {first[entry.title]} has the same')


def _compare(value: Any, methods: Mapping[str, Method]) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        raise InputError(f'compare: {value!r} is no list of pairs of methods')
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise InputError(f'compare: {pair!r} is no pair of methods')
        for method in pair:
            _known(method, methods, 'compare', 'method')
        one, other = (methods[method] for method in pair)
        if one is other or not set(one.tasks) & set(other.tasks):
            raise InputError(f'compare: {pair} are no two methods that share a task')
        if value.count(pair) > 1:
            raise InputError(f'compare: {pair} stands twice')
    return tuple((one, other) for one, other in value)


def _shown(value: Any, methods: Mapping[str, Method]) -> str | None:
    pretrained = [method.name for method in methods.values() if method.pretrain is not None]
    if value is None:
        return pretrained[0] if pretrained else None
    _known(value, pretrained, 'shown', 'method with pretraining')
    return value


def _label_saving(
    value: Any, methods: Mapping[str, Method], baseline: Method, tasks: Mapping[str, Task]
) -> LabelSaving | None:
    if value is None:
        return None
    where = 'label_saving'
    entry = _entry(value, where, required=('pretrained', 'curve'))
    _known(entry['pretrained'], tasks, f'{where}.pretrained', 'task')
    if not any(
        method.pretrain is not None and entry['pretrained'] in method.tasks
        for method in methods.values()
    ):
        raise InputError(
            f'{where}.pretrained: no method with pretraining runs {entry["pretrained"]}'
        )
    curve = entry['curve']
    if not isinstance(curve, list) or len(curve) < 2:
        raise InputError(f'{where}.curve: {curve!r} is no list of at least two tasks')
    for task in curve:
        _known(task, tasks, f'{where}.curve', 'task')
        if task not in baseline.tasks:
            raise InputError(f'{where}.curve: the baseline {baseline.name} does not run {task}')
    if len(set(curve)) < len(curve):
        raise InputError(f'{where}.curve: {curve} names a task twice')
    if baseline.pretrain is not None:
        raise InputError(
            f'{where}: the baseline {baseline.name} is pretrained, so its curve does '
            'not say what labels alone give'
        )
    return LabelSaving(entry['pretrained'], tuple(curve))


def _table(value: Any, methods: Mapping[str, Method]) -> dict[str, dict[str, str]]:
    rows = _entry(value, 'table', optional=None)
    for title, row in rows.items():
        for column, method in _entry(row, f'table.{title}', optional=None).items():
            _known(method, methods, f'table.{title}.{column}', 'method')
    return rows


def _entry(
    value: Any, where: str, required: Iterable[str] = (), optional: Iterable[str] | None = ()
) -> dict[str, Any]:
    """`value` if it is a mapping with these keys; with `optional` None, with any names."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise InputError(f'{where}: a mapping is needed, not {value!r}')
    if optional is not None:
        known = [*required, *optional]
        for key in value:
            if key not in known:
                raise InputError(f'{where}: unknown key {key!r}; known: {", ".join(known)}')
    for key in required:
        if key not in value:
            raise InputError(f'{where}: the key {key!r} is missing')
    return value


def _named(value: Any, where: str) -> Iterable[tuple[str, Any]]:
    """Items of a mapping that is not empty, whose keys can be folder names."""
    entries = _entry(value, where, optional=None)
    if not entries:
        raise InputError(f'{where}: at least one is needed')
    for name in entries:
        if not NAME.fullmatch(name):
            raise InputError(
                f'{where}.{name}: a name has letters, digits, _, - and . only, since '
                'it becomes a folder'
            )
    return entries.items()


def _known(name: Any, names: Iterable[str], where: str, kind: str) -> None:
    if name not in list(names):
        raise InputError(f'{where}: unknown {kind} {name!r}; known: {", ".join(names)}')


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(f'{where}: {value!r} is no text')
    return value


def _config(value: Any, where: str) -> str:
    if not find_shipped('configs', _text(value, where), '.py').is_file():
        raise MissingFileError(f'{where}: config {value} does not exist')
    return value


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _seeds(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or not value or not all(map(_is_count, value)):
        raise InputError(f'seeds: {value!r} is no list of integers of at least 0')
    twice = [seed for position, seed in enumerate(value) if seed in value[:position]]
    if twice:
        raise InputError(f'seeds: {twice[0]} stands twice')
    return tuple(value)


def _options(value: Any, where: str) -> dict[str, Any]:
    options = _entry(value, where, optional=None)
    for key in options:
        if key in SET_BY_TOOL:
            raise InputError(f'{where}: {key} follows from the cell that is run; leave it out')
    return options
