"""docs/config.md names every config key and parameter there is, with its value, and no other."""

import inspect
import re
from itertools import product
from pathlib import Path

import mmdet3d.registry
import pytest
from mmengine.config import Config
from mmengine.registry import Registry

from stslidr.encoders.weights import PUBLISHED
from stslidr.losses.contrastive import STATISTICS
from stslidr.plugin import COMPONENTS
from stslidr.running.options import RUNNER_KEYS

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = {
    path.stem: Config.fromfile(path, import_custom_modules=False).to_dict()
    for path in sorted((ROOT / 'configs').glob('*.py'))
    if not path.stem.startswith('demo_')  # what differs in those stands in docs/demo.md
}
REGISTRIES = [value for value in vars(mmdet3d.registry).values() if isinstance(value, Registry)]
# What the runner passes to a constructor, so that it never stands in a config.
FILLED_IN = {
    'SeededSampler': {'dataset'},
    'ResumableTrainLoop': {'runner', 'dataloader'},
    'CheckedValLoop': {'runner', 'dataloader', 'evaluator'},
    'CheckedTestLoop': {'runner', 'dataloader', 'evaluator'},
    'DeviceDistributedDataParallel': {'module', 'device_ids'},
}
NOT_SET = '–'


def read_page():
    """Map each level-3 heading, and '' for all else, to {key: (cells of its row)}."""
    sections, rows = {'': {}}, None
    for line in (ROOT / 'docs/config.md').read_text(encoding='utf-8').splitlines():
        if line.startswith('#'):
            names = re.findall('`(.+?)`', line) if line.startswith('### ') else []
            rows = sections.setdefault(names[0], {}) if names else sections['']
        elif line.startswith('| `'):
            cells = re.split(r'(?<!\\)\|', line.strip().strip('|'))
            cells = [cell.strip().replace('\\|', '|') for cell in cells]
            for key in re.findall('`(.+?)`', cells[0]):
                rows.update((name, cells[1:]) for name in expand(key))
    return sections


def expand(key):
    """`{train,val}_cfg.fp16` -> train_cfg.fp16 and val_cfg.fp16."""
    parts = [part.split(',') for part in re.split(r'[{}]', key)]
    return [''.join(choice) for choice in product(*parts)]


SECTIONS = read_page()
COMPONENT_SECTIONS = {name: rows for name, rows in SECTIONS.items() if name}
OURS = {
    component.__name__: (component, registry)
    for registry, components in COMPONENTS.items()
    for component in components
}


def find(name):
    """Return the class that a config's `type` names."""
    return next(filter(None, (registry.get(name) for registry in REGISTRIES)), None)


def parameters(component):
    """Return {name: default} of all that a config may give, and the names that ours define."""
    defaults, own = {}, set()
    for cls in component.__mro__:
        if '__init__' not in vars(cls) or cls is object:
            continue
        signature = list(inspect.signature(cls.__init__).parameters.values())[1:]
        named = {p.name: p.default for p in signature if p.kind is not p.VAR_KEYWORD}
        if not own or cls.__module__.startswith('stslidr.'):
            own |= named.keys()
        defaults = {**named, **defaults}
        if len(named) == len(signature):
            break
    filled = FILLED_IN.get(component.__name__, set())
    return {name: default for name, default in defaults.items() if name not in filled}, own - filled


def settings(node, path):
    """Yield (section, key, value) of each setting; section '' keys are whole dotted paths."""
    if isinstance(node, dict) and node.get('type') in COMPONENT_SECTIONS:
        for key, value in node.items():
            if key != 'type':
                yield node['type'], key, value
                yield from components_in(value, f'{path}.{key}')
    elif isinstance(node, dict) and node:
        for key, value in node.items():
            if key == 'type':
                yield '', path, value
            else:
                yield from settings(value, f'{path}.{key}'.lstrip('.'))
    elif holds_dicts(node):
        for index, value in enumerate(node):
            yield from settings(value, f'{path}.{index}')
    else:
        yield '', path, node


def components_in(value, path):
    """Yield the settings of the components that stand anywhere in a parameter's value."""
    if isinstance(value, dict) and 'type' in value:
        yield from settings(value, path)
    elif isinstance(value, dict) or holds_dicts(value):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from components_in(item, f'{path}.{key}')


def holds_dicts(value):
    return isinstance(value, list | tuple) and any(isinstance(item, dict) for item in value)


def plain(value):
    return tuple(plain(item) for item in value) if isinstance(value, list | tuple) else value


def stated(cell):
    """Return the values of a cell's code spans, which are Python literals or quotients."""
    return [plain(eval(code, {'__builtins__': {}})) for code in re.findall('`(.+?)`', cell)]


def shipped_settings():
    found = {}
    for config in CONFIGS.values():
        variables = {key: value for key, value in config.items() if key not in RUNNER_KEYS}
        read = {key: value for key, value in config.items() if key in RUNNER_KEYS}
        for section, key, value in settings(read, ''):
            found.setdefault((section, key), []).append(plain(value))
        for key, value in variables.items():
            found.setdefault(('', key), []).append(plain(value))
    return found


SHIPPED = shipped_settings()


def test_the_walk_sees_the_configs():
    assert len(CONFIGS) >= 12
    assert set(SHIPPED) >= {
        ('TolerantContrastiveLoss', 'temperature'),
        ('LoadSweep', 'load_dim'),
        ('', 'optim_wrapper.optimizer.lr'),
        ('', 'visualizer.vis_backends.0'),
        ('SeededSampler', 'shuffle'),
        ('', 'data_root'),
        ('', 'env_cfg.mp_cfg.mp_start_method'),
    }


@pytest.mark.parametrize('section, key', sorted(SHIPPED), ids=str)
def test_every_key_of_the_configs_is_there_with_its_values(section, key):
    assert key in SECTIONS[section], f'{key} has no row in docs/config.md'
    cell = SECTIONS[section][key][-2]
    if any(isinstance(value, dict) or holds_dicts(value) for value in SHIPPED[section, key]):
        assert cell not in ('', NOT_SET), f'{key}: the configs set it'
        return
    values = {repr(value) for value in SHIPPED[section, key]}
    assert values == {repr(value) for value in stated(cell)}


@pytest.mark.parametrize('name', sorted(OURS))
def test_every_parameter_of_a_component_is_there(name):
    assert name in COMPONENT_SECTIONS, f'no section ### ... `{name}` in docs/config.md'
    missing = parameters(OURS[name][0])[1] - COMPONENT_SECTIONS[name].keys()
    assert not missing, f'section {name} lacks {sorted(missing)}'


@pytest.mark.parametrize('name', sorted(COMPONENT_SECTIONS))
def test_no_section_names_a_parameter_that_does_not_exist(name):
    component = find(name)
    assert component is not None, f'there is no {name}'
    known, _ = parameters(component)
    for key, (default, shipped, _) in COMPONENT_SECTIONS[name].items():
        assert key in known, f'{name} takes no {key}'
        if known[key] is inspect.Parameter.empty:
            assert default == 'required', f'{name}.{key} has no default'
        elif default != "torch's":  # which differs from version to version
            assert stated(default) == [plain(known[key])], f'default of {name}.{key}'
        if shipped == NOT_SET:
            assert (name, key) not in SHIPPED, f'{name}.{key}: configs set it'


@pytest.mark.parametrize('key', sorted(SECTIONS['']))
def test_no_other_row_names_a_key_that_does_not_exist(key):
    if key.startswith('--') or key in LOGGED | RUNNER_KEYS | PUBLISHED.keys():
        return
    if ('', key) in SHIPPED:
        return
    path, _, name = key.rpartition('.')
    types = [value for value in SHIPPED.get(('', path), []) if isinstance(value, str)]
    component = find(types[0]) if types else None
    assert component is not None, f'no config has {key}'
    assert name in parameters(component)[0], f'{component.__name__} takes no {name}'


def test_every_key_of_the_runner_is_there():
    rows = {row.split('.')[0] for row in SECTIONS['']}
    components = {
        key
        for key, value in CONFIGS['stslidr_dino'].items()
        if isinstance(value, dict) and value.get('type') in COMPONENT_SECTIONS
    }
    assert RUNNER_KEYS - components <= rows


def test_every_option_of_the_tools_is_there():
    code = ''.join(
        (ROOT / 'projects/STSLidR/stslidr' / path).read_text()
        for path in ('tools/train.py', 'tooling/run_options.py')
    )
    options = set(re.findall("'(--[a-z-]+)'", code)) - {'--local-rank'}
    assert options == {row for row in SECTIONS[''] if row.startswith('--')}


LOGGED = {
    'loss',
    'lr',
    'time',
    'data_time',
    'memory',
    'grad_norm',
    'occupied_superpixels',
    'sampled_pairs',
    'pretrain/loss',
    'pretrain/top1_matching',
    *STATISTICS,
} - {'num_anchors'}


def test_every_logged_number_is_there():
    assert SECTIONS[''].keys() >= LOGGED


def test_every_published_file_is_there():
    for name, published in PUBLISHED.items():
        file_name, _, licence, labels = SECTIONS[''][name]
        assert f'`{published.file_name}`' in file_name and licence == published.licence
        assert (labels != 'none') == published.uses_labels


@pytest.mark.parametrize(
    'name', sorted(name for name, (component, _) in OURS.items() if hasattr(component, 'phase'))
)
def test_every_transform_says_its_phase(name):
    text = (ROOT / 'docs/config.md').read_text(encoding='utf-8')
    assert f'### `{name}` ({OURS[name][0].phase.name})' in text
