"""Validation in two processes: each has norm statistics of its own, the checkpoint the first's."""

import json
from types import SimpleNamespace

import torch
from mmengine.evaluator import BaseMetric, Evaluator
from torch import distributed, multiprocessing, nn
from torch.utils.data import DataLoader, SequentialSampler

from stslidr.running.loops import CheckedValLoop


class Numbers(list):
    """Samples 1.0, 2.0, ... as a data set."""

    metainfo = dict(classes=())


class Normed(nn.Module):
    """A batch norm alone; its validation step returns one row a sample."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(1)

    def val_step(self, rows):
        return list(self.norm(rows).flatten().tolist())


class Values(BaseMetric):
    """Keeps what the model returned."""

    def process(self, data_batch, data_samples):
        self.results.extend(data_samples)

    def compute_metrics(self, results):
        return {str(number): value for number, value in enumerate(results)}


def validate(rank, world_size):
    """Metrics of two samples over all processes, and this one's statistics afterwards."""
    samples = Numbers([torch.tensor([1.0]), torch.tensor([2.0])])
    share = Numbers(samples[rank::world_size])
    loader = DataLoader(share, batch_size=1, sampler=SequentialSampler(share))
    model = Normed()
    model.norm.running_mean.fill_(10.0 * rank)
    model.norm.num_batches_tracked.fill_(5 - rank)
    runner = SimpleNamespace(
        model=model, call_hook=lambda *args, **kwargs: None, visualizer=SimpleNamespace()
    )
    evaluator = Evaluator([Values(collect_device='gpu')])
    loop = CheckedValLoop(runner, loader, evaluator)
    evaluator.evaluate, whole = lambda size: whole(len(samples)), evaluator.evaluate
    metrics = loop.run()
    return metrics, [float(buffer) for buffer in model.buffers()], model.training


def run_rank(rank, folder):
    torch.set_num_threads(1)
    distributed.init_process_group(
        'gloo', init_method=f'file://{folder}/store', rank=rank, world_size=2
    )
    with open(f'{folder}/{rank}.json', 'w') as file:
        json.dump(validate(rank, 2), file)
    distributed.destroy_process_group()


def test_all_processes_validate_with_the_statistics_of_the_first(tmp_path):
    multiprocessing.spawn(run_rank, (str(tmp_path),), nprocs=2)
    first, second = (json.loads((tmp_path / f'{rank}.json').read_text()) for rank in range(2))
    metrics, buffers, training = validate(0, 1)
    assert first[0] == second[0] == metrics and len(metrics) == 2 and metrics['1'] > 1.9
    assert first[1] == second[1] == buffers == [0.0, 1.0, 5.0]
    assert not training
