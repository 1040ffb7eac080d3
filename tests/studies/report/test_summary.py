"""What the report says of a gain, a loss, and of none; and of image encoders."""

import pytest
from mmengine.config import Config

from stslidr_studies.report.encoder_words import describe_encoder
from stslidr_studies.report.numbers import percent, points, spread
from stslidr_studies.report.summary import judge

PLUGIN = ['stslidr.plugin']


def difference(mean, low=None, high=None):
    return {
        'mean': mean,
        'low': mean - 0.02 if low is None else low,
        'high': mean + 0.02 if high is None else high,
    }


@pytest.mark.parametrize(
    'mean, said',
    [
        (0.14, 'Pretraining adds 14.0 points, a clear gain. '),
        (0.03, 'Pretraining adds 3.0 points, a small gain. '),
        (0.004, 'Pretraining makes next to no difference here: +0.4 points. '),
        (-0.004, 'Pretraining makes next to no difference here: −0.4 points. '),
        (-0.06, 'Pretraining does harm here: it loses 6.0 points. '),
    ],
)
def test_each_outcome_is_said_as_it_is(mean, said):
    words = judge(difference(mean), [mean])
    assert words.startswith(said)
    assert f'gives {points(mean - 0.02)} to {points(mean + 0.02)} (95 % interval)' in words
    assert 'another seed would give other numbers' in words


def test_chance_is_said_where_the_interval_includes_0():
    assert 'may be chance' in judge(difference(0.015), [0.015])
    assert 'may be chance' not in judge(difference(0.03), [0.03])
    one_scene = judge(difference(0.03, 0.03, 0.03), [0.03])
    assert 'interval' not in one_scene and 'chance' not in one_scene


def test_seeds_are_listed_and_their_disagreement_is_said():
    agreed = judge(difference(0.05), [0.04, 0.06])
    assert 'By seed: +4.0, +6.0.' in agreed and 'agree' not in agreed
    assert 'another seed' not in agreed
    assert judge(difference(0.02), [-0.01, 0.05]).endswith('do not agree on the sign.')


@pytest.mark.parametrize(
    'encoder, said',
    [
        (dict(type='FrozenResNet50', weights='dino'), 'ResNet50 with the published weights dino'),
        (
            dict(type='FrozenSmallResNet', weights='random'),
            'SmallResNet with random weights: nobody',
        ),
        (
            dict(type='FrozenSmallResNet', weights='synthetic'),
            'trained without labels on other synth',
        ),
        (dict(type='FrozenSmallResNet', weights='synthetic', checkpoint='a.pth'), 'from a.pth'),
        (dict(type='Mine', weights='w'), "Mine with the weights 'w'."),
    ],
)
def test_the_image_encoder_is_named_with_its_weights(encoder, said):
    assert said in describe_encoder(
        Config(dict(model=dict(image_encoder=encoder), custom_imports=dict(imports=PLUGIN)))
    )


def test_numbers():
    assert percent(0.1234) == '12.3' and percent(None) == '–'
    assert points(-0.0512) == '−5.1' and points(0.1) == '+10.0'
    assert spread({'mean': 0.5, 'std': None}) == '50.0'
    assert spread({'mean': 0.5, 'std': 0.014}) == '50.0 ± 1.4'
