"""Transactions for asynchronous callers: reads in threads, and on SQLite one writer that commits in groups."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from anyio import to_thread
from sqlalchemy.orm import Session

from bot.store.database import Database

T = TypeVar("T")
GROUP = 64


class Transactions:
    """Runs work on a database without blocking the event loop.

    `work` gets a session and returns a value; it may be tried in a group with others' work, but its own
    error rolls back only itself.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._writer = _GroupWriter(database) if database.is_sqlite else None

    async def read(self, work: Callable[[Session], T]) -> T:
        """The result of work that only reads."""
        return await to_thread.run_sync(self._run_reading, work)

    async def write(self, work: Callable[[Session], T]) -> T:
        """The result of `work` once it is committed. Work that was handed in runs even if the caller goes away."""
        if self._writer is not None:
            return await asyncio.wrap_future(self._writer.submit(work))
        return await asyncio.shield(to_thread.run_sync(self._run_writing, work))

    def close(self) -> None:
        """Finish what was handed in and stop."""
        if self._writer is not None:
            self._writer.close()

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

    def run(self, session: Session) -> None:
        """Run inside a savepoint, so that a failure undoes this work alone."""
        self.error = None
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
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._loop, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        job = _Job(work)
        # A future that runs cannot be cancelled: what was handed in is done.
        job.future.set_running_or_notify_cancel()
        self._jobs.put(job)
        return job.future

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join()

    def _loop(self) -> None:
        while True:
            group, last = self._next_group()
            if group:
                self._commit(group)
            if last:
                return

    def _next_group(self) -> tuple[list[_Job], bool]:
        group: list[_Job] = []
        job = self._jobs.get()
        while True:
            if job is None:
                return group, True
            group.append(job)
            if len(group) >= GROUP:
                return group, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, False

    def _commit(self, group: list[_Job]) -> None:
        try:
            with self._database.session() as session:
                for job in group:
                    job.run(session)
        except Exception as error:
            for job in group:
                job.settle(error)
            return
        for job in group:
            job.settle()
