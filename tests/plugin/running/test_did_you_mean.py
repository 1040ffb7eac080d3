"""Names that are proposed for a misspelt one."""

import pytest

from stslidr.running.did_you_mean import did_you_mean

KNOWN = {'temperature', 'tolerance', 'class_balance'}


@pytest.mark.parametrize(
    ('name', 'meant'),
    [('temprature', 'temperature'), ('tolerence', 'tolerance'), ('classbalance', 'class_balance')],
)
def test_the_most_alike_is_proposed(name, meant):
    assert did_you_mean(name, KNOWN) == f'; is {meant!r} meant?'


@pytest.mark.parametrize('name', ['', 'x', 'queue_length'])
def test_nothing_alike_nothing_proposed(name):
    assert did_you_mean(name, KNOWN) == ''
