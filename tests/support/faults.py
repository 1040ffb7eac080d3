"""Faults, each with what damages, the command that meets it, and the answer that is expected."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from support.faulty_world import World
from support.tools import assert_mistake, call

ANSWERS = 'STSLIDR_FAULT_ANSWERS'
"""Environment variable: the file that answers are added to, a line of JSON each."""
LONGEST = 240
"""Letters of an answer that are shown."""
COMMANDS = {
    'pretrain': 'train.py {root}/pretrain.py --work-dir {root}/out',
    'resume': 'train.py {root}/pretrain.py --resume --cfg-options load_from=None',
    'finetune': 'train.py {root}/segment.py --work-dir {root}/out --no-validate '
    '--cfg-options load_from={root}/pretrained.pth',
    'test': 'test.py {root}/segment.py {root}/weights.pth --work-dir {root}/out '
    '--json {root}/result.json',
    'predict': 'predict.py {root}/segment.py {root}/weights.pth {root}/nuscenes/samples '
    '--out {root}/out --device cpu',
    'nuscenes': 'create_data.py nuscenes --root {root}/nuscenes --version v1.0-tiny',
    'semantickitti': 'create_data.py semantickitti --root {root}/kitti',
    'superpixels': 'create_superpixels.py {root}/tiny/tiny_infos.pkl --root {root}/tiny '
    '--out {root}/maps --workers 1 --segments 20 --data-prefix LEFT=LEFT RIGHT=RIGHT',
    'draw': 'draw_keyframe.py {root}/tiny/tiny_infos.pkl --root {root}/tiny '
    '--superpixels {root}/tiny/superpixels/grid --out {root}/picture.png '
    '--data-prefix pts=sweeps LEFT=LEFT RIGHT=RIGHT',
    'describe': 'describe_keyframes.py {root}/tiny/tiny_infos.pkl --root {root}/tiny '
    '--data-prefix pts=sweeps LEFT=LEFT RIGHT=RIGHT',
    'study': 'run_experiment.py {root}/study.yaml --out {root}/results --dry-run',
    'report': 'draw_report.py {root}/study.yaml --results {root}/results --out {root}/report.html',
}
"""Name -> the command line that meets a fault."""


@dataclass(frozen=True)
class Fault:
    """One fault.

    Args:
        what: the fault, in a few words.
        damage: makes it, in a world that is whole.
        said: pattern in the one line of the error; of the output where the fault is handled.
        command: which of `COMMANDS`.
        options: further words of the command line.
        handled: whether the command goes on, and ends well.
    """

    what: str
    damage: Callable[[World], Any]
    said: str
    command: str = 'pretrain'
    options: str = ''
    handled: bool = False

    @property
    def tool(self) -> str:
        """Its command's tool."""
        return COMMANDS[self.command].split()[0]

    def check(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        """Damage the world, run the command, and compare its answer."""
        self.damage(world)
        words = f'{COMMANDS[self.command]} {self.options}'.split()
        tool, *arguments = [word.format(root=world.root) for word in words]
        if self.handled:
            capsys.readouterr()
            call(tool, *arguments)
            printed = capsys.readouterr()
            lines = (printed.out + printed.err).splitlines()
            answer = next((line for line in lines if re.search(self.said, line)), None)
            assert answer is not None, printed.err
        else:
            answer = assert_mistake(capsys, self.said, tool, *arguments)
        if ANSWERS in os.environ:
            with open(os.environ[ANSWERS], 'a') as file:
                file.write(json.dumps([self.what, self.tool, as_shown(answer, world)]) + '\n')


def as_shown(answer: str, world: World) -> str:
    """An answer without what is another one each time: folders, times, addresses, hashes."""
    for pattern, shown in (
        (re.escape(f'{world.root}/'), ''),
        (r'.* - mmengine - [A-Z]+ - ', ''),
        (r'\b20\d{6}_\d{6}\b', 'START'),
        (r'0x[0-9a-f]+', '0x...'),
        (r'\b([0-9a-f]{8})[0-9a-f]{4,}\b', r'\1...'),
        (r'process \d+', 'process N'),
    ):
        answer = re.sub(pattern, shown, answer)
    return answer if len(answer) <= LONGEST else f'{answer[:LONGEST]} ...'


Damage = Callable[[World], Any]


def nothing(_world: World) -> None:
    """Damage nothing: the fault is in the command line."""


def absent(name: str) -> Damage:
    """A file is gone."""
    return lambda world: (world / name).unlink()


def written(name: str, content: bytes) -> Damage:
    """A file holds these bytes."""
    return lambda world: (world / name).write_bytes(content)


def edited(name: str, edit: Callable[[bytes], bytes]) -> Damage:
    """The bytes of a file are what `edit` returns of them."""
    return lambda world: world.edit_bytes(name, edit)


def in_turn(faults: Iterable[Fault]) -> Sequence[Any]:
    """Parameters of a test: each second one waits for `make test-faults`."""
    return [
        pytest.param(fault, id=fault.what, marks=[pytest.mark.faults] if position % 2 else [])
        for position, fault in enumerate(faults)
    ]
