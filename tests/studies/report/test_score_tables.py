"""Which methods of a study are compared as image encoders."""

from types import SimpleNamespace

import pytest
from mmengine.config import Config

from stslidr_studies.report.score_tables import _mark_best, compare_encoders
from stslidr_studies.study.study_file import Method

RANDOM = {'model.image_encoder.weights': 'random'}


def compare(shown, **others):
    methods = {
        name: Method(name, f'title of {name}', *parts, ('probe',))
        for name, parts in {'shown': shown, **others}.items()
    }
    config = Config(dict(model=dict(image_encoder=dict(type='FrozenSmallResNet'))))
    return compare_encoders(
        SimpleNamespace(
            study=SimpleNamespace(
                methods={**methods, 'none': Method('none', 'n', None, {}, ())}, baseline='none'
            ),
            probe='probe',
            pretraining=lambda name: name,
            config=lambda cell: config,
            score=lambda name, task: {'mean': 0.2, 'std': None, 'difference': {'mean': 0.1}},
        ),
        'shown',
    )


def test_methods_that_differ_in_the_weights_alone_are_compared():
    section = compare(('a.py', {'k': 1}), random=('a.py', {'k': 1, **RANDOM}))
    assert 'title of shown' in section.blocks[1] and 'title of random' in section.blocks[1]


@pytest.mark.parametrize('other', [('b.py', {'k': 1, **RANDOM}), ('a.py', {'k': 2, **RANDOM})])
def test_another_method_or_budget_is_not_compared(other):
    assert compare(('a.py', {'k': 1}), other=other) is None


def test_the_best_is_bold_and_what_looks_0_is_not():
    marked = _mark_best([0.1234, 0.1231, 0.0, None])
    assert [cell.bold for cell in marked] == [True, True, False, False]
    assert not any(cell.bold for cell in _mark_best([0.0004, 0.0, None]))
