"""Transactions for asynchronous callers: reads in threads, and on SQLite one writer that commits in groups."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from bot.store.database import Database

T = TypeVar("T")
THREADS = 24  # fewer than the connections of a pool
GROUP = 64
# Fewer of the others at a time, so that a person never waits long behind them.
GROUP_OF_OTHERS = 4


class Transactions:
    """Runs work on a database without blocking the event loop.

    `work` gets a session and returns a value; it may be tried in a group with others' work, but its own
    error rolls back only itself.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._writer = _GroupWriter(database) if database.is_sqlite else None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="store")

    async def read(self, work: Callable[[Session], T]) -> T:
        """The result of work that only reads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run_reading, work)

    async def look(self, work: Callable[[Session], T]) -> T:
        """The same for work of a few rows by an index: on SQLite, where no reader waits, a thread would cost more."""
        if self.database.is_sqlite:
            return self._run_reading(work)
        return await self.read(work)

    async def write(self, work: Callable[[Session], T], *, first: bool = False) -> T:
        """The result of `work` once it is committed. Work that was handed in runs even if the caller goes away.

        With `first`, it goes before other work that waits: a person waits for it.
        """
        if self._writer is not None:
            return await asyncio.wrap_future(self._writer.submit(work, first=first))
        writing = asyncio.get_running_loop().run_in_executor(self._threads, self._run_writing, work)
        return await asyncio.shield(writing)

    def close(self) -> None:
        """Finish what was handed in and stop."""
        if self._writer is not None:
            self._writer.close()
        self._threads.shutdown()

    def _run_reading(self, work: Callable[[Session], T]) -> T:
        with self.database.reading() as session:
            return work(session)

    def _run_writing(self, work: Callable[[Session], T]) -> T:
        with self.database.session() as session:
            return work(session)


class _Job:
    """One piece of work and where its result goes."""

    def __init__(self, work: Callable[[Session], Any]) -> None:
        self.work = work
        self.future: Future[Any] = Future()
        self.result: Any = None
        self.error: BaseException | None = None

    def run_among_others(self, session: Session) -> None:
        """Run inside a savepoint, so that a failure undoes this work alone."""
        try:
            with session.begin_nested():
                self.result = self.work(session)
        except Exception as error:
            self.error = error
        session.expunge_all()

    def settle(self, error: BaseException | None = None) -> None:
        """Tell the caller, unless it went away."""
        if self.future.cancelled():
            return
        failure = error or self.error
        if failure is not None:
            self.future.set_exception(failure)
        else:
            self.future.set_result(self.result)


class _GroupWriter:
    """One thread for all writes: SQLite has one writer anyway, and waiting in line beats waiting by sleeping.

    What arrives while a commit is under way shares the next one, and with it one flush to the disk.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._first: deque[_Job] = deque()
        self._other: deque[_Job] = deque()
        self._handed_in = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Session], T], *, first: bool) -> Future[T]:
        job = _Job(work)
        # A future that runs cannot be cancelled: what was handed in is done.
        job.future.set_running_or_notify_cancel()
        with self._handed_in:
            if self._closed:
                raise RuntimeError("the store is closed")
            (self._first if first else self._other).append(job)
            self._handed_in.notify()
        return job.future

    def close(self) -> None:
        with self._handed_in:
            self._closed = True
            self._handed_in.notify()
        self._thread.join()

    def _loop(self) -> None:
        while group := self._next_group():
            try:
                self._commit(group)
            except Exception as error:
                for job in group:
                    job.settle(error)
            else:
                for job in group:
                    job.settle()

    def _next_group(self) -> list[_Job]:
        """What waits, persons' work first and by itself; empty when closed."""
        with self._handed_in:
            while not (self._first or self._other or self._closed):
                self._handed_in.wait()
            waiting, most = (self._first, GROUP) if self._first else (self._other, GROUP_OF_OTHERS)
            return [waiting.popleft() for _ in range(min(len(waiting), most))]

    def _commit(self, group: list[_Job]) -> None:
        with self._database.session() as session:
            if len(group) == 1:
                group[0].result = group[0].work(session)
                return
            for job in group:
                job.run_among_others(session)
