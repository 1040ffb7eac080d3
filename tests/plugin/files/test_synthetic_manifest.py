"""The manifest of a synthetic root."""

import pytest

from stslidr.files.synthetic_manifest import SyntheticManifest, is_unfinished

MANIFEST = SyntheticManifest({'seed': 1, 'image_size': '64x36', 'diagnostics': False})


def test_round_trip(tmp_path):
    assert SyntheticManifest.read(tmp_path) is None
    assert not is_unfinished(tmp_path)
    MANIFEST.write(tmp_path)
    assert SyntheticManifest.read(tmp_path) == MANIFEST
    assert is_unfinished(tmp_path)
    (tmp_path / 'v1.0-synthetic').mkdir()
    assert not is_unfinished(tmp_path)


def test_differences_are_named():
    assert MANIFEST.differences(MANIFEST) == []
    other = SyntheticManifest({**MANIFEST.parameters, 'seed': 2}, generator_version=0)
    assert MANIFEST.differences(other) == ['generator_version 0 (now 1)', 'seed 2 (now 1)']
    less = SyntheticManifest({'seed': 1, 'image_size': '64x36'})
    assert MANIFEST.differences(less) == ['diagnostics None (now False)']
    assert less.differences(MANIFEST) == ['diagnostics False (now None)']


@pytest.mark.parametrize(
    'content',
    [
        b'',
        b'{',
        b'[]',
        b'{}',
        b'\xff',
        b'{"parameters": 1, "generator": "", "generator_version": 1}',
    ],
)
def test_damaged(tmp_path, content):
    (tmp_path / 'synthetic.json').write_bytes(content)
    with pytest.raises(ValueError, match='synthetic.json is no'):
        SyntheticManifest.read(tmp_path)
