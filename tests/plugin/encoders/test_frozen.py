"""A frozen encoder does not change, draws nothing, and says in words where its weights are from."""

from pathlib import Path

import pytest
import torch
from torch import nn

from stslidr.encoders.frozen import FeatureNetwork, FrozenImageEncoder, warn_untrained
from stslidr.encoders.weight_words import describe_random, describe_unknown, read_from
from stslidr.errors import InputError


class Norm(FeatureNetwork):
    """A convolution of stride 2 and a batch norm."""

    out_channels, stride = 5, 2

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 5, 2, stride=2), nn.BatchNorm2d(5)

    def forward(self, images):
        return self.norm(self.conv(images)).relu()


@pytest.fixture
def encoder():
    frozen = FrozenImageEncoder()
    frozen.freeze(Norm, Norm().state_dict())
    return frozen


def test_it_takes_weights_channels_and_stride_of_its_network():
    source, frozen = Norm().eval(), FrozenImageEncoder()
    frozen.freeze(Norm, source.state_dict())
    images = torch.rand(2, 3, 8, 6)
    assert torch.equal(frozen(images), source(images).detach())
    assert (frozen.out_channels, frozen.stride) == (5, 2)
    assert frozen(images).shape == (2, 5, 4, 3)
    assert not any(parameter.is_meta for parameter in frozen.parameters())


def test_weights_that_do_not_fit_are_refused():
    weights = Norm().state_dict()
    del weights['conv.bias']
    with pytest.raises(RuntimeError, match=r'conv\.bias'):
        FrozenImageEncoder().freeze(Norm, weights)


def test_freezing_draws_nothing():
    weights = Norm().state_dict()
    torch.manual_seed(3)
    expected = torch.rand(())
    torch.manual_seed(3)
    FrozenImageEncoder().freeze(Norm, weights)
    assert torch.rand(()) == expected


def test_nothing_in_it_changes_in_training(encoder):
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    model = nn.Sequential(encoder, nn.Conv2d(5, 1, 1))
    model.train()
    for module in encoder.modules():  # as a conversion to SyncBatchNorm leaves norms
        module.training = True
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=1.0)
    model(torch.rand(4, 3, 8, 8)).sum().backward()
    optimiser.step()
    assert not any(module.training for module in encoder.modules())
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
    assert len(optimiser.param_groups[0]['params']) == 2


def test_features_have_no_graph(encoder):
    assert not encoder(torch.rand(1, 3, 4, 4, requires_grad=True)).requires_grad


def test_random_weights_are_warned_of_and_read_no_file(caplog):
    warn_untrained(None, ('a', 'b'))
    assert 'UNTRAINED' in caplog.text and 'choose one of a, b' in caplog.text
    with pytest.raises(InputError, match=r"random' reads no file: drop checkpoint='x\.pth'"):
        warn_untrained(Path('x.pth'), ('a',))


def test_words_of_weights():
    assert read_from(None) == read_from('') == '' and read_from(Path('a/b')) == ' from a/b'
    random = describe_random('x.pth')
    assert (random.name, random.file, random.uses_labels) == ('random', Path('x.pth'), False)
    assert describe_random(None).file is None
    unknown = describe_unknown('mine', 'x.pth')
    assert unknown.words == "with the weights 'mine' from x.pth." and unknown.file == Path('x.pth')
    assert unknown.uses_labels is None is unknown.licence
    assert describe_unknown('mine', None).words == "with the weights 'mine'."
