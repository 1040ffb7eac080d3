"""Draw the report of a study: ``python tools/draw_report.py STUDY.yaml --results DIR --out FILE``.

One HTML file that needs nothing else: scores, and pictures of what was learnt. The study must have
run to its end: ``python tools/run_experiment.py STUDY.yaml --out DIR``.
"""

from __future__ import annotations

import argparse

from stslidr.tooling.arguments import named_path
from stslidr.tooling.run_tool import run_tool


def parse_args() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('study', help='study file')
    parser.add_argument('--results', required=True, metavar='DIR', help='folder of its results')
    parser.add_argument(
        '--out', type=named_path, required=True, metavar='FILE', help='the HTML file to write'
    )
    parser.add_argument(
        '--data-root',
        help="folder of the data that the results were made on (default: the study's)",
    )
    return parser.parse_args()


def main() -> None:
    """Read the study and its results, draw, write."""
    args = parse_args()
    from stslidr.files.atomic import check_can_write
    from stslidr.files.shipped import find_shipped
    from stslidr_studies.report.finished_study import FinishedStudy
    from stslidr_studies.report.report import Report
    from stslidr_studies.study.study_file import read_study

    check_can_write(args.out)
    study = read_study(find_shipped('studies', args.study, '.yaml'))
    results = FinishedStudy(study, args.results, args.data_root)
    Report(results, args.out).write()
    print(args.out)


def run() -> None:
    """Run the tool and exit."""
    run_tool(main)


if __name__ == '__main__':
    run()
