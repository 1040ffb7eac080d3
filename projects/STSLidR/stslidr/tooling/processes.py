"""Run a task on many files: parallel processes, bounded memory."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

from stslidr.errors import InputError, WorkerDiedError

Item = TypeVar('Item')
Result = TypeVar('Result')

THREAD_VARIABLES = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS')
CPU_QUOTA = Path('/sys/fs/cgroup/cpu.max')
"""Where a container states its share of the CPUs: microseconds in each period, or `max`."""


def usable_cpus() -> int:
    """Number of CPUs that this process may use, at least 1.

    A batch system may allow few of a machine's, a container the time of few.
    """
    if hasattr(os, 'sched_getaffinity'):
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    if not CPU_QUOTA.is_file():
        return allowed
    quota, period = CPU_QUOTA.read_text().split()
    return allowed if quota == 'max' else max(1, min(allowed, int(quota) // int(period)))


def parse_shard(text: str) -> tuple[int, int]:
    """Parse `i/n` to (i modulo n, n): shards may be counted from 0 or from 1.

    Raises:
        InputError: if the text is not two integers with 0 <= i <= n and n >= 1.
    """
    index, slash, count = text.partition('/')
    if not (slash and index.isdecimal() and count.isdecimal()) or int(count) < 1:
        raise InputError(f'shard {text!r} is not of the form i/n, such as 0/4')
    if int(index) > int(count):
        raise InputError(f'shard {text!r}: there are only {count} shards')
    return int(index) % int(count), int(count)


def run_parallel(
    task: Callable[[Item], Result], items: Sequence[Item], workers: int
) -> Iterator[Result]:
    """Yield `task(item)` for each item, in the order in which they become ready.

    The task runs in `workers` fresh processes (spawned, with one thread each), which end with this
    process however it ends. Only two items per worker are in flight, so memory does not grow with
    the number of items. The first error cancels what has not started and is raised here.

    Args:
        task: a function, or an object, that pickles.
        items: their `str` names them in an error message.
        workers: number of processes.

    Raises:
        WorkerDiedError: if a worker dies without an error; names the items it may have been on.
        Exception: whatever the task raises.
    """
    if not items:
        return
    context = multiprocessing.get_context('spawn')
    waiting = iter(items)
    running: dict[Future[Result], Item] = {}
    workers = min(workers, len(items))
    with _one_thread_each(), ProcessPoolExecutor(workers, context, _start_worker) as pool:
        try:
            for item in islice(waiting, 2 * workers):
                running[pool.submit(task, item)] = item
            while running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    result = future.result()
                    del running[future]
                    for item in islice(waiting, 1):
                        running[pool.submit(task, item)] = item
                    yield result
        except BrokenProcessPool as error:
            names = ', '.join(str(item) for item in running.values())
            raise WorkerDiedError(
                f'a worker process died without a word (killed, or out of memory: try fewer '
                f'workers) while it was on one of {names}'
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that are started meanwhile use one thread: numerical libraries read this."""
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, '1'))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _start_worker() -> None:
    """Leave Ctrl-C to the parent process, and end when it is gone, even by SIGKILL."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the parent process to end; then end this one, without cleaning up."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
