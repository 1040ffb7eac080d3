"""Write docs/faults.md, as `make test-faults` does: ``write_page.py ANSWERS``."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'projects' / 'STSLidR'), str(ROOT / 'tests')]

from support.fault_page import PAGE, write_page  # noqa: E402

lines = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
PAGE.write_text(write_page({(what, tool): answer for what, tool, answer in lines}))
print(PAGE)
