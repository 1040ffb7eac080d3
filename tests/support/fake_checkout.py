"""A checkout whose tools only pretend: for tests of what drives them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from support.commands import ENVIRONMENT, ROOT

TRAIN = """
import os, signal, sys, time
from pathlib import Path
arguments = sys.argv[1:]
def after(name):
    return arguments[arguments.index(name) + 1]
work_dir, config = Path(after('--work-dir')), {}
exec(Path(arguments[0]).read_text(), config)
options = arguments[arguments.index('--cfg-options') + 1:]
start_from = [o.split('=', 1)[1] for o in options if o.startswith('load_from=')]
epoch = 0
if '--resume' in arguments:
    newest = Path(work_dir, (work_dir / 'last_checkpoint').read_text())
    epoch, origin = newest.read_text().split('|', 1)
    epoch = int(epoch)
else:
    # as a real run: weights follow from config, options and parent
    parent = Path(start_from[0]).read_text() if start_from else ''
    origin = '|'.join([arguments[0], *(o for o in options if o[:9] != 'load_from'), parent])
print('threads', os.environ.get('OMP_NUM_THREADS'), flush=True)
for epoch in range(epoch + 1, config['train_cfg']['max_epochs'] + 1):
    time.sleep(float(os.environ.get('FAKE_SECONDS', 0)))
    if os.environ.get('FAKE_FAILURE', 'nothing') in str(work_dir):
        sys.exit('the sweep is damaged')
    # trace and checkpoint together: a signal between them would show an epoch twice
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    with open(work_dir / 'epochs', 'a') as trace:
        trace.write(f'{epoch} {time.time()}\\n')
    (work_dir / f'epoch_{epoch}.pth').write_text(f'{epoch}|{origin}')
    (work_dir / 'last_checkpoint').write_text(f'epoch_{epoch}.pth')
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
"""
TEST = """
import hashlib, json, random, sys
from pathlib import Path
arguments = sys.argv[1:]
config, weights = {}, Path(arguments[1]).read_bytes()
exec(Path(arguments[0]).read_text(), config)
draw = random.Random(hashlib.sha256(weights).hexdigest())
confusion = {name: [[draw.randrange(1, 90) if i == j else draw.randrange(30) for j in range(3)]
                    for i in range(3)] for name in ('b', 'a', 'c', 'd')}
split = config['train_dataloader']['dataset'].get('label_split')
Path(arguments[arguments.index('--json') + 1]).write_text(json.dumps({
    'config_sha256': '0', 'checkpoint_sha256': hashlib.sha256(weights).hexdigest(),
    'test_time_augmentation': False, 'label_split': split,
    'label_split_sha256': split and hashlib.sha256(split.encode()).hexdigest(),
    'segmentation': {'all': {'iou': dict(car=0, bus=0, road=0)}, 'confusion': confusion}}))
with open(Path(arguments[arguments.index('--json') + 1]).with_name('tests'), 'a') as trace:
    trace.write('.')
"""
PARTS = """
from mmengine.registry import DATASETS, LOOPS, METRICS, MODELS, TRANSFORMS

class Model:
    def __init__(self, width, image_encoder=None): ...
class Loop:
    def __init__(self, runner, dataloader, max_epochs=0, max_iters=0): ...
class TestingLoop:
    def __init__(self, runner, dataloader, evaluator): ...
class D:
    def __init__(self, ann_file, label_split=None, pipeline=()): ...
class LoadSuperpixels:
    def __init__(self, folder): ...
class Metric:
    def __init__(self): ...
MODELS.register_module(module=Model, force=True)
DATASETS.register_module(module=D, force=True)
METRICS.register_module(module=Metric, force=True)
TRANSFORMS.register_module(module=LoadSuperpixels, force=True)
for loop in (Loop, TestingLoop):
    LOOPS.register_module(module=loop, force=True)
"""
CONFIG = """
custom_imports = dict(imports=['fake_parts'])
randomness = dict(seed=7)
model = dict(type='Model', width=4)
train_cfg = dict(type='Loop', max_epochs=3)
train_dataloader = dict(
    batch_size=2,
    sampler=dict(type='DefaultSampler'),
    dataset=dict(type='D', ann_file='train.pkl'{more}),
)
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1))
test_dataloader = dict(
    sampler=dict(type='DefaultSampler'), dataset=dict(type='D', ann_file='val.pkl')
)
test_cfg = dict(type='TestingLoop')
test_evaluator = dict(type='Metric')
"""
STUDY = """
title: Fakes
data_root: data
seeds: [0, 1]
methods:
  random: {title: Random}
  good: {title: Good, pretrain: configs/pretrain.py, options: {model.width: 8}}
  probed: {title: Probed, pretrain: configs/pretrain.py, tasks: [probe]}
tasks:
  probe: {title: Probe, config: configs/probe.py}
  one: {title: 1 %, config: configs/one.py, scratch: configs/scratch.py}
baseline: random
compare: [[good, probed], [probed, good]]
label_saving: {pretrained: one, curve: [one, probe]}
"""
NUM_CELLS = 14


class FakeCheckout:
    """Tools, configs, data and a study in `root`, which is the current folder of what runs.

    Args:
        root: a folder that does not exist.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ('tools', 'configs', 'data'):
            (root / name).mkdir(parents=True)
        (root / 'projects').symlink_to(ROOT / 'projects')
        (root / 'tools/train.py').write_text(TRAIN)
        (root / 'tools/test.py').write_text(TEST)
        (root / 'fake_parts.py').write_text(PARTS)
        shutil.copy(ROOT / 'tools/run_experiment.py', root / 'tools')
        more = {
            'pretrain': "pipeline=[dict(type='LoadSuperpixels', folder='slic')]",
            'probe': "label_split='100pct'",
            'one': "label_split='1pct'",
            'scratch': "label_split='1pct'",
        }
        for name, text in more.items():
            (root / f'configs/{name}.py').write_text(CONFIG.format(more=f', {text}'))
        (root / 'data/slic').mkdir()
        for name in ('train.pkl', 'val.pkl', 'fake_label_splits.json', 'slic/manifest.json'):
            (root / 'data' / name).write_text(name)
        self.study = root / 'study.yaml'
        self.study.write_text(STUDY)
        self.out = root / 'out'

    def change(self, name: str, old: str, new: str) -> None:
        """Replace text in a file, which must have it."""
        text = (self.root / name).read_text()
        assert old in text
        (self.root / name).write_text(text.replace(old, new))

    def git(self, *arguments: str) -> str:
        """Run git in the checkout; return what it prints."""
        identity = ('-c', 'user.name=tester', '-c', 'user.email=tester@localhost')
        return subprocess.run(
            ['git', *identity, *arguments],
            cwd=self.root,
            check=True,
            text=True,
            capture_output=True,
        ).stdout.strip()

    def commit(self) -> str:
        """Commit tools, configs and study; return the commit."""
        if not (self.root / '.git').exists():
            self.git('init', '-q')
        self.git('add', 'tools', 'configs', 'study.yaml')
        self.git('commit', '-q', '--allow-empty', '-m', 'a commit')
        return self.git('rev-parse', 'HEAD')

    def start(self, *options: str, **environment: str) -> subprocess.Popen:
        """Start ``tools/run_experiment.py`` in a session of its own."""
        return subprocess.Popen(
            [sys.executable, 'tools/run_experiment.py', 'study.yaml', '--out', 'out', *options],
            cwd=self.root,
            env={**ENVIRONMENT, **environment},
            text=True,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *options: str, expect: int = 0, **environment: str) -> str:
        """Run the tool to its end, which must be `expect`; return what it said."""
        process = self.start(*options, **environment)
        output, _ = process.communicate(timeout=600)
        assert process.returncode == expect, output
        return output

    def files(self, pattern: str) -> dict[str, bytes]:
        """Content of the files below the results folder that match, by relative path."""
        return {
            os.path.relpath(path, self.out): path.read_bytes()
            for path in sorted(self.out.glob(pattern))
            if path.is_file()
        }
