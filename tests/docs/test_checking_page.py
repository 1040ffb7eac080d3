"""The page about checking data lists the kinds of findings as the tool has them."""

import re

from stslidr.inspection.finding_kinds import KINDS
from support.commands import ROOT


def test_the_kinds_are_those_of_the_tool():
    page = (ROOT / 'docs/checking_data.md').read_text()
    rows = re.findall(r'^\| `([a-z]+)` \| (.+) \|$', page, re.MULTILINE)
    assert dict(rows) == KINDS
