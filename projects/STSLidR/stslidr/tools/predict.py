"""Label sweeps: ``python tools/predict.py CONFIG CHECKPOINT SWEEPS... --out DIR``.

SWEEPS are files or folders, of the data set that CONFIG tests on; no labels are needed. One label
file a sweep, as docs/evaluation.md describes them. Run it again to go on where it stopped.
"""

from __future__ import annotations

import argparse

from stslidr.tooling.arguments import named_path
from stslidr.tooling.run_options import add_config_options
from stslidr.tooling.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config file of a segmentor')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('sweeps', nargs='+', help='sweeps, or folders of them')
    parser.add_argument(
        '--out', type=named_path, required=True, metavar='DIR', help='folder of the label files'
    )
    parser.add_argument(
        '--pictures', action='store_true', help='draw each sweep from above, by predicted class'
    )
    parser.add_argument('--device', help='cpu, cuda or cuda:N (default: cuda:0 if there is one)')
    add_config_options(parser)
    return parser.parse_args()


def main() -> None:
    """Find the sweeps, build the model, label what is not labelled yet."""
    args = parse_args()
    from stslidr.prediction.prediction_folder import PredictionFolder, check_out, find_sweeps
    from stslidr.prediction.predictor import Predictor, choose_device, tested_record
    from stslidr.running.command_line import read_checked_config
    from stslidr.running.config_file import parse_options
    from stslidr.tooling.progress import show_progress

    check_out(args.out)
    device = choose_device(args.device)
    config = read_checked_config(args.config, parse_options(args.cfg_options))
    sweeps = find_sweeps(args.sweeps, tested_record(config))
    predictor = Predictor(config, args.checkpoint, device)
    folder = PredictionFolder(args.out, predictor, args.pictures)
    finished = list(show_progress(map(folder.enter, sweeps), len(sweeps), 0, 'reading'))
    folder.write_manifest()
    waiting = [sweep for sweep, done in zip(sweeps, finished, strict=True) if not done]
    steps = map(folder.finish, waiting)
    for _ in show_progress(steps, len(sweeps), len(sweeps) - len(waiting), 'sweeps'):
        pass
    print(f'{args.out}: labels of {len(sweeps)} sweeps, {len(waiting)} of them made now')


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
