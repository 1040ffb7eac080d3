"""What a checkpoint's tensors become in a segmentor, and what is refused."""

import pytest
import torch
from torch import nn

from stslidr.segmentation.transfer import check_loaded, plan_transfer


class Segmentor(nn.Module):
    def __init__(self, classes=3):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4))
        self.decode_head = nn.Linear(4, classes)


@pytest.fixture
def model():
    return Segmentor()


def pretrained(**changes):
    """Weights of a pretrainer with the same backbone, some of them changed or (None) left out."""
    torch.manual_seed(1)
    backbone = Segmentor().backbone.state_dict()
    weights = {f'backbone.{name}': value for name, value in backbone.items()}
    weights |= {f'image_encoder.{number}.weight': torch.ones(2) for number in range(5)}
    weights |= {'point_head.weight': torch.ones(3), **changes}
    return {name: value for name, value in weights.items() if value is not None}


def test_the_three_lists(model):
    weights = pretrained(
        **{'decode_head.weight': torch.ones(7, 4), 'decode_head.bias': torch.ones(3)}
    )
    transfer = plan_transfer(model, weights, 'pretrained.pth')
    backbone = tuple(name for name in model.state_dict() if name.startswith('backbone.'))
    assert len(backbone) == 7 and 'backbone.1.running_var' in backbone
    assert transfer.loaded == (*backbone, 'decode_head.bias')
    assert set(transfer.dropped) == {
        *(f'image_encoder.{number}.weight' for number in range(5)),
        'point_head.weight',
        'decode_head.weight',
    }
    assert transfer.initial == ('decode_head.weight',)


def test_log_and_listing(model):
    transfer = plan_transfer(model, pretrained(), 'pretrained.pth')
    assert transfer.describe().splitlines() == [
        'weights from pretrained.pth',
        'loaded: 7 of backbone',
        'dropped, as the model has no such tensor of this shape: 5 of image_encoder, '
        'point_head.weight',
        'left at the initial value: decode_head.weight, decode_head.bias',
    ]
    listed = transfer.listing().splitlines()
    assert {*transfer.loaded, *transfer.dropped, *transfer.initial} <= set(listed)
    position = listed.index('# left at the initial value (2)')
    assert listed[position + 1 : position + 3] == ['decode_head.weight', 'decode_head.bias']


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        ({'backbone.0.weight': None}, r'1 of the 7 .*backbone\.0\.weight \(missing\)'),
        (
            {'backbone.0.weight': torch.ones(4, 3)},
            r'backbone\.0\.weight \(\(4, 3\), not \(4, 2\)\)',
        ),
        ({'backbone.1.running_mean': torch.full((4,), torch.nan)}, r'running_mean \(not finite\)'),
        ({f'backbone.{name}': None for name in Segmentor().backbone.state_dict()}, '7 of the 7'),
    ],
)
def test_a_backbone_that_does_not_fit_is_refused(model, change, said):
    with pytest.raises(ValueError, match=rf'^pretrained\.pth: .*{said}'):
        plan_transfer(model, pretrained(**change), 'pretrained.pth')


def test_tensors_that_did_not_arrive_are_refused(model):
    weights = pretrained()
    transfer = plan_transfer(model, weights, 'pretrained.pth')
    with pytest.raises(ValueError, match=r'2 tensors did not arrive.*as backbone\.0\.weight, back'):
        check_loaded(model, weights, transfer)  # a new norm has what the checkpoint has
    model.load_state_dict(weights, strict=False)
    check_loaded(model, weights, transfer)
    with torch.no_grad():
        model.backbone[0].weight[3, 1] = torch.nextafter(
            model.backbone[0].weight[3, 1], torch.tensor(9.0)
        )
    with pytest.raises(ValueError, match=r'1 tensors did not arrive.*as backbone\.0\.weight:'):
        check_loaded(model, weights, transfer)
