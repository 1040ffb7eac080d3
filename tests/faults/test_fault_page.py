"""docs/faults.md has the rows of the tests, and each fault has a name of its own."""

from types import SimpleNamespace

from support.fault_page import PAGE, modules, row_start
from support.faults import as_shown


def test_the_page_has_the_rows_of_the_tests():
    shown = [line for line in PAGE.read_text().splitlines() if line.startswith('| ')]
    rows = [line for line in shown if line != '| fault | tool | what it says |']
    expected = [row_start(fault) for _, _, faults in modules() for fault in faults]
    assert len(rows) == len(expected) >= 300, 'make test-faults writes the page'
    for row, start in zip(rows, expected, strict=True):
        assert row.startswith(start) and len(row) > len(start) + 10, 'make test-faults writes it'


def test_each_fault_has_a_name_of_its_own():
    names = [(fault.what, fault.tool) for _, _, faults in modules() for fault in faults]
    assert len(set(names)) == len(names)


def test_what_is_another_one_each_time_is_not_shown():
    world = SimpleNamespace(root='/tmp/x/world')
    assert as_shown('error: /tmp/x/world/a.pth 0x7f00 ' + 'ab' * 32, world) == (
        'error: a.pth 0x... abababab...'
    )
    assert len(as_shown('x' * 999, world)) == 244
