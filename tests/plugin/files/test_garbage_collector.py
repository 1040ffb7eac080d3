"""The collector is as it was, whatever happens within."""

import gc

import pytest

from stslidr.files.garbage_collector import collector_off


@pytest.mark.parametrize('before', [True, False])
def test_it_is_off_within_and_as_before_after(before):
    was_on = gc.isenabled()
    try:
        (gc.enable if before else gc.disable)()
        with pytest.raises(KeyError), collector_off():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled() is before
    finally:
        (gc.enable if was_on else gc.disable)()
