"""Make a synthetic nuScenes: driving scenes in a made-up city, with cameras, LiDAR and labels.

The root holds what nuScenes' roots hold, in version v1.0-synthetic. Run it again with the same
arguments to go on where it stopped; the same seed gives the same files, whatever the workers.
"""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

from stslidr.files.synthetic_manifest import VERSION
from stslidr.tooling.command_names import as_called
from stslidr.tooling.processes import usable_cpus
from stslidr.tooling.run_tool import run_tool

if TYPE_CHECKING:
    from stslidr_city.dataset.folder import Plan
    from stslidr_city.dataset.parameters import Parameters


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--root', required=True, help='folder to make: new, empty, or begun before')
    parser.add_argument('--scenes', type=int, required=True, metavar='N', help='number of scenes')
    parser.add_argument(
        '--keyframes',
        type=int,
        required=True,
        metavar='K',
        help='keyframes per scene, half a second apart (nuScenes has about 40)',
    )
    parser.add_argument('--seed', type=int, required=True, metavar='S', help='of all draws')
    parser.add_argument(
        '--image-size',
        default='1600x900',
        metavar='WxH',
        help="pixels of the six cameras' images (default: %(default)s, as nuScenes)",
    )
    parser.add_argument(
        '--workers',
        type=int,
        metavar='N',
        default=usable_cpus(),
        help='processes, each with one thread (default: the %(default)s usable CPUs)',
    )
    parser.add_argument(
        '--diagnostics',
        action='store_true',
        help="also write the images' class and depth maps, ROOT/diagnostics/{class,depth}_maps/"
        '<sample_data_token>.png: lidarseg category index, and depth in 1/256 m; 0 is the sky',
    )
    args = parser.parse_args()
    if args.workers < 1:
        parser.error(f'--workers {args.workers}: at least 1 is needed')
    return args


def describe(root: str, parameters: Parameters, plan: Plan) -> str:
    """Say what a run will do."""
    from stslidr_city.dataset.disk_space import readable

    total, pending = parameters.num_keyframes, len(plan.pending)
    space = f'about {readable(plan.needed)}, {readable(plan.free)} are free'
    if plan.has_tables:
        if not pending:
            return f'{root} is complete: the files of all {total} keyframes are there'
        return (
            f'{root}: files of {pending} of {total} keyframes are missing or not whole; these '
            f'keyframes are made again: {space}'
        )
    already = f', {total - pending} of them are there' if pending < total else ''
    width, height = parameters.image_size
    return (
        f'{root}: {parameters.scenes} scenes x {parameters.keyframes} keyframes, images '
        f'{width}x{height}: {total} keyframes{already}; {pending} to make: {space}'
    )


def next_commands(root: str, scenes: int) -> str:
    """The commands that make a root ready for training."""
    from stslidr_city.dataset.fixed_tables import splits

    root = shlex.quote(root)
    lines = [f'python tools/create_data.py nuscenes --root {root} --version {VERSION}']
    lines += [
        f'python tools/create_superpixels.py {root}/nuscenes_infos_{split}.pkl '
        f'--root {root} --out {root}/superpixels/slic'
        for split in splits(scenes)
    ]
    return '\n'.join(['next:', *(f'  {line}' for line in lines)])


def main() -> None:
    """Make the data set, or what is missing of it."""
    args = parse_args()
    from stslidr_city.dataset.folder import open_root
    from stslidr_city.dataset.parameters import Parameters, parse_image_size
    from stslidr_city.dataset.recorder import CityRecorder

    parameters = Parameters(
        args.scenes, args.keyframes, args.seed, parse_image_size(args.image_size), args.diagnostics
    )
    recorder = CityRecorder(parameters.seed, parameters.keyframes, parameters.image_size)
    with open_root(args.root, parameters) as folder:
        plan = folder.plan()
        print(describe(args.root, parameters, plan), flush=True)
        if plan.pending or not plan.has_tables:
            folder.make(plan, recorder, args.workers)
            print(f'{args.root} is complete')
        else:
            folder.remove_records()
    print(as_called(next_commands(args.root, parameters.scenes)))


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
