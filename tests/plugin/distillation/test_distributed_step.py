"""Two gloo processes: DDP's gradients are those that one process computes for both."""

import pytest
import torch
from torch import distributed, multiprocessing, nn

from stslidr.core.feature_similarity import cosine_similarity
from stslidr.distillation.gather import gather_rows
from stslidr.distillation.superpixel import PooledBatch
from stslidr.running.launch import DeviceDistributedDataParallel
from support.tiny_batch import make_batch, make_distiller

WORLD = 2


class Step(nn.Module):
    """The training step as a forward pass."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, batch):
        return self.model.distill(batch).loss


def rank_batch(rank, empty_rank):
    return make_batch(seed=10 + rank, pairs=0 if rank == empty_rank else 100 + 50 * rank)


def run_rank(rank, folder, empty_rank, gather):
    torch.set_num_threads(1)
    distributed.init_process_group(
        'gloo', init_method=f'file://{folder}/store', rank=rank, world_size=WORLD
    )
    step = DeviceDistributedDataParallel(
        Step(make_distiller(gather=gather).train()), device_ids=[rank], broadcast_buffers=False
    )
    loss = step(rank_batch(rank, empty_rank))
    loss.backward()
    torch.save(
        dict(
            loss=loss.detach(),
            grads={n: p.grad for n, p in step.module.model.named_parameters() if p.requires_grad},
            buffers=dict(step.module.model.named_buffers()),
        ),
        f'{folder}/rank{rank}.pt',
    )
    distributed.destroy_process_group()


def run_both(folder, empty_rank, gather=False):
    multiprocessing.spawn(run_rank, (str(folder), empty_rank, gather), nprocs=WORLD)
    return [torch.load(folder / f'rank{rank}.pt', weights_only=True) for rank in range(WORLD)]


def assert_equal_gradients(results, model):
    expected = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
    for result in results:
        assert result['grads'].keys() == expected.keys()
        for name, grad in result['grads'].items():
            scale = expected[name].abs().max() + 1e-12
            assert (grad - expected[name]).abs().max() / scale < 1e-4, name


@pytest.mark.parametrize('empty_rank', [None, 1])
def test_gradients_are_the_mean_of_the_ranks(tmp_path, empty_rank):
    results = run_both(tmp_path, empty_rank)
    model = make_distiller().train()
    losses = [model.distill(rank_batch(rank, empty_rank)).loss for rank in range(WORLD)]
    (sum(losses) / WORLD).backward()
    assert_equal_gradients(results, model)
    for result, loss in zip(results, losses, strict=True):
        assert torch.allclose(result['loss'], loss, rtol=1e-5)
    assert (empty_rank is None) == bool(losses[1] > 0)
    norms = [name for name in results[0]['buffers'] if name.endswith('running_mean')]
    student = [name for name in norms if name.startswith('backbone')]
    assert any(
        not torch.equal(results[0]['buffers'][n], results[1]['buffers'][n]) for n in student
    ), "batch norm must be each rank's own"


@pytest.mark.parametrize('empty_rank', [None, 1])
def test_gathered_loss_is_one_loss_over_both_ranks(tmp_path, empty_rank):
    results = run_both(tmp_path, empty_rank, gather=True)
    model = make_distiller().train()
    pooled = [model.pool(rank_batch(rank, empty_rank)) for rank in range(WORLD)]
    both = PooledBatch(*(torch.cat(parts) for parts in zip(*pooled, strict=True)))
    loss = model.criterion(
        both.superpoint_embeddings, both.superpixel_embeddings, cosine_similarity(both.context)
    ).loss
    loss.backward()
    assert torch.allclose(results[0]['loss'], loss, rtol=1e-5)
    assert torch.allclose(results[1]['loss'], loss, rtol=1e-5)
    assert_equal_gradients(results, model)


def test_gathering_alone_changes_nothing():
    rows = torch.ones(3, 2)
    assert gather_rows(rows) is rows
