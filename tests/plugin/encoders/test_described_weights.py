"""What the image encoders say of their weights, without being built and without a file."""

from pathlib import Path

import pytest

from stslidr.encoders.image_encoder import FrozenResNet50, FrozenSmallResNet
from stslidr.encoders.weights import PUBLISHED


@pytest.mark.parametrize('name', PUBLISHED)
def test_published_weights_are_told_with_address_licence_and_labels(name):
    told = FrozenResNet50.describe_weights(weights=name, dilated=False)
    assert told.file == Path('checkpoints', PUBLISHED[name].file_name)
    assert (told.source, told.licence) == (PUBLISHED[name].source, PUBLISHED[name].licence)
    assert told.uses_labels == (name == 'torchvision')
    assert told.words.startswith(f'with the published weights {name}, trained on')


def test_a_named_file_is_the_one_that_is_read():
    told = FrozenResNet50.describe_weights(weights='dino', checkpoint='a/b.pth')
    assert told.file == Path('a/b.pth') and 'dino from a/b.pth,' in told.words
    told = FrozenSmallResNet.describe_weights(weights='synthetic', checkpoint='own.pth')
    assert told.file == Path('own.pth') and told.uses_labels is False


def test_weights_of_the_package_and_random_ones_read_no_file_of_the_user():
    for encoder, weights in (
        (FrozenSmallResNet, 'synthetic'),
        (FrozenSmallResNet, 'random'),
        (FrozenResNet50, 'random'),
    ):
        told = encoder.describe_weights(weights=weights)
        assert (told.file, told.source, told.uses_labels) == (None, None, False)


@pytest.mark.parametrize('encoder', [FrozenResNet50, FrozenSmallResNet])
def test_unknown_weights_are_told_as_they_stand(encoder):
    told = encoder.describe_weights(weights='mine')
    assert (told.words, told.file, told.uses_labels) == ("with the weights 'mine'.", None, None)
