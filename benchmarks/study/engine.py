"""Many independent calls at once, by joblib: on this computer's cores, or on a Dask cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import joblib

from pskd.errors import PskdError

T = TypeVar("T")

CONNECT_S = 20.0


@contextmanager
def engine(jobs: int, scheduler: str = "") -> Iterator[joblib.Parallel]:
    """What calls are handed to.

    Args:
        jobs: processes on this computer; with a scheduler, all of its workers are used.
        scheduler: address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``. Its workers must find the same code,
            the library and the folder of results under the same paths.

    Raises:
        PskdError: the scheduler cannot be reached, or Dask is not installed.
    """
    if not scheduler:
        with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
            yield joblib.Parallel(n_jobs=jobs, batch_size=1, return_as="generator_unordered")
        return
    with (
        _client(scheduler) as client,
        joblib.parallel_config(backend="dask", client=client, wait_for_workers_timeout=CONNECT_S),
    ):
        yield joblib.Parallel(n_jobs=-1, batch_size=1, return_as="generator_unordered")


def each(parallel: joblib.Parallel, call: Callable[..., T], arguments: Sequence[tuple[Any, ...]]) -> Iterator[T | str]:
    """The results in the order in which they come; a call that fails gives its words, and the others go on."""
    yield from parallel(joblib.delayed(_told)(call, *given) for given in arguments)


def _told(call: Callable[..., T], *arguments: Any) -> T | str:
    try:
        return call(*arguments)
    except PskdError as error:
        return f"{error.message} {error.hint}".strip()
    except (OSError, MemoryError) as error:  # a disk that is full, a program that is not there
        return f"{type(error).__name__}: {error}"


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    try:
        from distributed import Client, Security
    except ImportError as error:
        raise PskdError(
            "Dask is not installed.", code="study.dask", hint="Install it: pip install -c constraints.txt '.[study]'."
        ) from error
    security = Security()
    try:
        asyncio.run(_knock(scheduler, security.get_connection_args("client")))
        client = Client(scheduler, timeout=CONNECT_S, security=security)
    except (OSError, ValueError) as error:
        raise PskdError(f"No Dask scheduler answers at {scheduler}.", code="study.dask") from error
    with client:
        yield client


async def _knock(scheduler: str, how: dict[str, Any]) -> None:
    """Connect and hang up.

    A client whose constructor fails cannot be closed; it keeps its thread until the garbage collector finds it, which
    then waits for ever where it does so in the thread that the next client is starting.
    """
    from distributed.core import connect

    comm = await connect(scheduler, timeout=CONNECT_S, **how)
    await comm.close()
