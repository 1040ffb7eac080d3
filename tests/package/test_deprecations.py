"""A deprecation that a line of ours raises fails a test; those of other packages do not."""

import warnings

import pytest

KINDS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
OURS = (
    'stslidr.core.pooling',
    'stslidr_city.solids.shapes',
    'stslidr_studies.study.tables',
    'projects.STSLidR',
    'support.tiny_data',
    'site_builder.links',
    'conftest',
    'test_pooling',
    '__main__',  # a tool
)

each_kind = pytest.mark.parametrize('kind', KINDS, ids=lambda kind: kind.__name__)


def warn_in(module: str, kind: type[Warning]) -> None:
    """Warn as a line of a module would, or a function that it calls with ``stacklevel=2``."""
    namespace = {'__name__': module, 'warn': warnings.warn, 'kind': kind}
    exec("warn('planted', kind)", namespace)


@each_kind
@pytest.mark.parametrize('module', OURS)
def test_a_deprecation_in_our_code_is_an_error(module, kind):
    with pytest.raises(kind, match='planted'):
        warn_in(module, kind)


@each_kind
@pytest.mark.parametrize('module', ['torch.nn.functional', 'mmengine.runner', 'numpy'])
def test_a_deprecation_in_other_packages_is_silent(module, kind):
    with warnings.catch_warnings(record=True) as caught:
        warn_in(module, kind)
    assert caught == []


def test_other_warnings_stay_warnings():
    with pytest.warns(UserWarning, match='planted'):
        warn_in('stslidr.core.pooling', UserWarning)
