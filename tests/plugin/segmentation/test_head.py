"""The two losses of the head against sums over sets, and what the head starts from."""

import math
from types import SimpleNamespace

import pytest
import torch
from mmdet3d.models.losses import LovaszLoss
from torch.nn import functional as F

import stslidr.plugin  # noqa: F401
from stslidr.segmentation.head import LinearSegHead

CLASSES = 5
IGNORED = CLASSES


@pytest.fixture
def head():
    return LinearSegHead(
        channels=8,
        num_classes=CLASSES,
        loss_decode=dict(type='mmdet.CrossEntropyLoss'),
        loss_lovasz=dict(type='LovaszLoss', reduction='none'),
    )


def samples_of(*labels):
    masks = [torch.tensor(each, dtype=torch.int64) for each in labels]
    return [SimpleNamespace(gt_pts_seg=SimpleNamespace(voxel_semantic_mask=mask)) for mask in masks]


def draw(count, seed=0, classes=CLASSES + 1):
    """Logits (count, CLASSES) and labels, one in `classes` of them ignored."""
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(count, CLASSES, generator=generator)
    return logits, torch.randint(classes, (count,), generator=generator).tolist()


def cross_entropy(logits, labels):
    """Mean of -log p over the labelled voxels, one after the other."""
    terms = []
    for row, label in zip(logits.tolist(), labels, strict=True):
        if label != IGNORED:
            exponentials = [math.exp(value) for value in row]
            terms.append(-math.log(exponentials[label] / sum(exponentials)))
    return sum(terms) / len(terms)


def jaccard_loss(mistakes, truth):
    """1 - IoU of a class whose voxels are `truth`, if exactly the voxels `mistakes` are wrong."""
    return len(mistakes) / len(truth | mistakes) if truth | mistakes else 0.0


def lovasz_softmax(logits, labels):
    """Lovasz extension of the Jaccard loss by its definition over sets, mean of present classes.

    Berman et al., The Lovasz-Softmax loss, equations 7 and 8: errors in falling order, each times
    what its voxel adds to the loss of the voxels before it.
    """
    kept = [index for index, label in enumerate(labels) if label != IGNORED]
    probabilities = F.softmax(logits.double(), dim=1).tolist()
    per_class = []
    for number in sorted({labels[index] for index in kept}):
        truth = {index for index in kept if labels[index] == number}
        errors = {index: abs((index in truth) - probabilities[index][number]) for index in kept}
        before, total = set(), 0.0
        for index in sorted(kept, key=lambda index: -errors[index]):
            after = before | {index}
            total += errors[index] * (jaccard_loss(after, truth) - jaccard_loss(before, truth))
            before = after
        per_class.append(total)
    return sum(per_class) / len(per_class)


@pytest.mark.parametrize(('count', 'classes'), [(1, 1), (2, 3), (60, 6), (200, 6), (50, 2)])
def test_losses_are_those_of_their_definitions(head, count, classes):
    logits, labels = draw(count, seed=count, classes=classes)
    losses = head.loss_by_feat(logits, samples_of(labels[: count // 2], labels[count // 2 :]))
    assert losses.keys() == {'loss_ce', 'loss_lovasz'}
    assert float(losses['loss_ce']) == pytest.approx(cross_entropy(logits, labels), rel=1e-5)
    assert float(losses['loss_lovasz']) == pytest.approx(
        lovasz_softmax(logits, labels), rel=1e-4, abs=1e-6
    )


def test_losses_are_those_of_mmdet3d(head):
    logits, labels = draw(300)
    losses = head.loss_by_feat(logits, samples_of(labels))
    target = torch.tensor(labels)
    torch.testing.assert_close(
        losses['loss_lovasz'], LovaszLoss(reduction='none')(logits, target, ignore_index=IGNORED)
    )
    torch.testing.assert_close(
        losses['loss_ce'], F.cross_entropy(logits, target, ignore_index=IGNORED)
    )


def test_ignored_voxels_change_nothing(head):
    logits, labels = draw(80)
    kept = [index for index, label in enumerate(labels) if label != IGNORED]
    logits.requires_grad_()
    with_ignored = head.loss_by_feat(logits, samples_of(labels))
    without = head.loss_by_feat(logits.detach()[kept], samples_of([labels[i] for i in kept]))
    for name, value in with_ignored.items():
        assert torch.equal(value.detach(), without[name])
    sum(with_ignored.values()).backward()
    dropped = [index for index in range(80) if index not in kept]
    assert dropped and not logits.grad[dropped].any() and logits.grad[kept].all(dim=1).any()


def test_a_single_labelled_voxel(head):
    """mmdet3d's own selection of labelled voxels fails here."""
    logits, _ = draw(3)
    losses = head.loss_by_feat(logits, samples_of([IGNORED, 2, IGNORED]))
    miss = 1 - float(F.softmax(logits[1], dim=0)[2])
    assert float(losses['loss_lovasz']) == pytest.approx(miss, rel=1e-5)
    assert float(losses['loss_ce']) == pytest.approx(-math.log(1 - miss), rel=1e-5)


@pytest.mark.parametrize('labels', [[IGNORED] * 4, []])
def test_no_labelled_voxel_is_a_zero_with_a_graph(head, labels):
    features = torch.randn(len(labels), 8)
    losses = head.loss_by_feat(head(features), samples_of(labels))
    sum(losses.values()).backward()
    assert [value.item() for value in losses.values()] == [0, 0]
    for parameter in head.parameters():
        assert parameter.grad is not None and not parameter.grad.any()


def test_a_label_that_is_no_class_is_an_error(head):
    """A head for fewer classes than the data have must not take the others for ignored."""
    logits, _ = draw(2)
    with pytest.raises((IndexError, RuntimeError)):
        head.loss_by_feat(logits, samples_of([0, CLASSES + 1]))


def test_initial_values_are_the_published_draw():
    torch.manual_seed(3)
    heads = [
        LinearSegHead(
            96, 16, dict(type='mmdet.CrossEntropyLoss'), dict(type='LovaszLoss', reduction='none')
        )
        for _ in range(20)
    ]
    before = [head.conv_seg.weight.clone() for head in heads]
    for head in heads:
        head.init_weights()
    for parameter in ('weight', 'bias'):
        values = torch.cat([getattr(head.conv_seg, parameter).detach().flatten() for head in heads])
        bound = 1 / math.sqrt(96)
        assert values.abs().max() <= bound
        assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.06)  # of U(-b, b)
    assert all(
        torch.equal(head.conv_seg.weight, old) for head, old in zip(heads, before, strict=True)
    )


def test_init_cfg_is_followed():
    head = LinearSegHead(
        4,
        2,
        dict(type='mmdet.CrossEntropyLoss'),
        dict(type='LovaszLoss', reduction='none'),
        init_cfg=dict(type='Constant', layer='Linear', val=0.5, bias=0.25),
    )
    head.init_weights()
    assert (head.conv_seg.weight == 0.5).all() and (head.conv_seg.bias == 0.25).all()


def test_logits_and_losses_are_float32_under_autocast(head):
    features = torch.randn(50, 8)
    labels = samples_of(draw(50)[1])
    plain = head.loss_by_feat(head(features.bfloat16().float()), labels)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        logits = head(features.bfloat16())
        losses = head.loss_by_feat(logits, labels)
    assert logits.dtype == torch.float32
    for name, value in losses.items():
        assert value.dtype == torch.float32 and torch.equal(value, plain[name])


def test_another_key_is_an_error():
    with pytest.raises(TypeError, match='dropout_ratio'):
        LinearSegHead(
            4,
            2,
            dict(type='mmdet.CrossEntropyLoss'),
            dict(type='LovaszLoss', reduction='none'),
            dropout_ratio=0.5,
        )
