"""Look for what is wrong with a data set, before a training finds it.

Reads every file that the info file names, looks at what it holds, and says what is wrong, by kind.
Status 0 if nothing is, 1 if something is.
"""

from __future__ import annotations

import argparse

from stslidr.dataset_records.record_modules import import_records
from stslidr.errors import InputError
from stslidr.inspection.finding_kinds import KINDS
from stslidr.inspection.keyframe_options import (
    add_keyframe_options,
    add_samples_option,
    keyframes_of,
    spread,
)
from stslidr.tooling.arguments import named_path, whole_number
from stslidr.tooling.processes import usable_cpus
from stslidr.tooling.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    kinds = '\n'.join(f'  {kind:12}{meaning}' for kind, meaning in KINDS.items())
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=f'kinds:\n{kinds}',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_keyframe_options(parser)
    parser.add_argument('--superpixels', metavar='FOLDER', help='their superpixel folder')
    add_samples_option(parser)
    parser.add_argument(
        '--hashes',
        type=named_path,
        metavar='FILE',
        help='SHA-256 of all files, as sha256sum writes it: compared if FILE is there; else '
        'written, unless something is wrong',
    )
    parser.add_argument(
        '--ignore', nargs='+', choices=list(KINDS), default=[], metavar='KIND', help='of the kinds'
    )
    parser.add_argument(
        '--json', type=named_path, metavar='FILE', help='write all findings to FILE as well'
    )
    parser.add_argument(
        '--workers',
        type=whole_number(range(1, 1025)),
        default=usable_cpus(),
        help='processes (default: %(default)s)',
    )
    return parser.parse_args()


def main() -> None:
    """Check, print the report and write the files."""
    args = parse_args()
    from stslidr.files.atomic import check_can_write
    from stslidr.files.hash_list import read_hashes, write_hashes
    from stslidr.files.json_file import write_json
    from stslidr.files.superpixel_maps import SuperpixelMaps
    from stslidr.inspection.data_check import check_data

    import_records(args.record)
    for path in (args.json, args.hashes):
        if path:
            check_can_write(path)
    known = read_hashes(args.hashes) if args.hashes and args.hashes.exists() else None
    keyframes = spread(keyframes_of(args), args.samples)
    maps = None if args.superpixels is None else SuperpixelMaps(args.superpixels)
    report = check_data(keyframes, maps, args.workers, known).without(args.ignore)
    print('\n'.join(report.lines()))
    if args.json:
        write_json(args.json, report.as_json(), indent=2)
    if report.findings:
        raise InputError(f'{args.infos}: {len(report.findings)} findings')
    if args.hashes and known is None:
        write_hashes(args.hashes, report.hashes)
        print(f'hashes of {len(report.hashes)} files -> {args.hashes}')


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
