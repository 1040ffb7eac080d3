"""What was measured, as Markdown and as JSON."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

import stslidr
from stslidr.text import markdown_table
from stslidr_studies.benchmark.case import FLOOR, OURS, PUBLISHED, BenchmarkedPart
from stslidr_studies.benchmark.measuring import Measured, growth_exponent

HEAD = """# Benchmarks

`tools/benchmark.py` times parts of a pretraining beside the published formulation of each.
Both get the same inputs and take turns in one process; the ratio is the median of the rounds, with
the lowest and the highest. Memory is the most that a call takes beside its inputs, in a process of
its own. The difference is the largest one, relative to the largest value. The floor is what cannot
be done without. `tools/benchmark.py --page docs/benchmarks.md` writes this page.

Without `--device cuda` everything ran on a CPU: nothing here says how it runs on a GPU.
"""
CPU_INFO = Path('/proc/cpuinfo')


def machine(device: str) -> str:
    """Where it was measured: processor, threads, versions."""
    if device == 'cuda':
        name = torch.cuda.get_device_name()
    else:
        lines = CPU_INFO.read_text().splitlines() if CPU_INFO.is_file() else []
        models = [line.partition(': ')[2] for line in lines if line.startswith('model name')]
        name = models[0] if models else platform.processor()
    return (
        f'{name}, threads: {torch.get_num_threads()}, Python {platform.python_version()}, '
        f'PyTorch {torch.__version__}, numpy {np.__version__}, stslidr {stslidr.__version__}'
    )


def summary_table(parts: Sequence[BenchmarkedPart], measured: Mapping[str, Measured]) -> str:
    """One row a part, at its size."""
    rows = []
    for part in parts:
        one = measured[part.name]
        ratio, lowest, highest = one.ratio
        own = one.median(OURS)
        floor = f'{one.median(FLOOR):.3g} s ({own / one.median(FLOOR):.2f}x)' if part.floor else '–'
        memory = [f'{one.mebibytes[side]:,.0f}' for side in (OURS, PUBLISHED) if one.mebibytes]
        differences = [f'{name} {value:.1e}' for name, value in one.differences.items()]
        rows.append(
            [
                f'{part.title}; {one.size:,} {part.unit}',
                f'{own:.3g} s',
                f'{one.median(PUBLISHED):.3g} s',
                f'**{ratio:.2f}x** ({lowest:.2f} to {highest:.2f})',
                ' / '.join(memory) or '–',
                ', '.join(differences),
                floor,
            ]
        )
    head = ['part', 'ours', 'published', 'faster', 'MiB ours / published', 'difference', 'floor']
    return markdown_table(head, rows)


def growth_table(part: BenchmarkedPart, measured: Sequence[Measured]) -> str:
    """Seconds by size, and the exponents of growth."""
    sizes = [one.size for one in measured]
    rows = [
        [f'{one.size:,}', *(f'{one.median(side):.3g} s' for side in (OURS, PUBLISHED))]
        for one in measured
    ]
    exponents = [
        growth_exponent(sizes, [one.median(side) for one in measured]) for side in (OURS, PUBLISHED)
    ]
    rows.append(['grows with the power', *(f'{exponent:.2f}' for exponent in exponents)])
    return markdown_table([part.unit, OURS, PUBLISHED], rows)


def whole_page(
    command: str,
    device: str,
    parts: Sequence[BenchmarkedPart],
    measured: Mapping[str, Measured],
    growth: Mapping[str, Sequence[Measured]],
) -> str:
    """The page: machine, command, one table of all parts, one of growth for each."""
    blocks = [HEAD, f'Measured on {machine(device)}:', f'```bash\n{command}\n```']
    blocks.append(summary_table(parts, measured))
    floors = [f'Floor of `{part.name}`: {part.floor}.' for part in parts if part.floor]
    blocks += ['\n'.join(floors)] if floors else []
    for part in parts:
        if growth.get(part.name):
            blocks.append(f'## Growth: {part.name}\n\n{growth_table(part, growth[part.name])}')
    return '\n\n'.join(block.strip() for block in blocks) + '\n'


def as_json(
    command: str,
    device: str,
    measured: Mapping[str, Measured],
    growth: Mapping[str, Sequence[Measured]],
) -> dict[str, object]:
    """All seconds, differences and memory."""
    return {
        'command': command,
        'machine': machine(device),
        'parts': {name: asdict(one) for name, one in measured.items()},
        'growth': {name: [asdict(one) for one in each] for name, each in growth.items()},
    }
