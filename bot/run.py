"""Runs the whole system: desk, assistant and actions, each started again when it dies. `make run` starts it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import Settings, SettingsError

PROGRAMS = {
    "desk": ("-m", "bot.serve"),
    "actions": ("-m", "actions"),
    "assistant": ("-m", "bot.assistant"),
}
# One arena a thread costs tens of megabytes in processes that hold models.
ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2", "RASA_TELEMETRY_ENABLED": "false"}
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 20.0
STOP_SECONDS = 10.0
FIRST_ACCOUNT = ".venv/bin/psoas staff add NAME --email ADDRESS --role admin"
TICK_SECONDS = 0.1
READY_LOOK_SECONDS = 0.5
READY_SECONDS = 2.0
PR_SET_PDEATHSIG = 1


@dataclass
class Program:
    """One process, its restarts, and what it prints."""

    name: str
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    rest: bytes = field(default=b"", repr=False)

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self.process = subprocess.Popen(  # noqa: S603 - the programs above, no shell
            [sys.executable, *self.arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_the_supervisor,
            env={**ENVIRONMENT, **os.environ},
        )
        self.started = time.monotonic()

    def plan_restart(self, now: float) -> None:
        """Choose when to start again: at once after a steady life, later and later after a short one."""
        self.pause = FIRST_PAUSE_SECONDS if now - self.started > STEADY_SECONDS else self.pause
        self.due = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        self.process = None


class Supervisor:
    """Starts the programs, prints what they say, starts again what dies, and stops all together."""

    def __init__(self, programs: list[Program], address: str, port: int) -> None:
        """`address` is printed once the desk on `port` says that every part is ready."""
        self._programs = programs
        self._address = address
        self._port = port
        self._selector = selectors.DefaultSelector()
        self._stopping = False

    def run(self) -> None:
        """Until SIGINT or SIGTERM."""
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, self._stop)
        began = time.monotonic()
        next_look: float | None = began
        while not self._stopping:
            for program in self._programs:
                self._look_after(program)
            self._print_output(TICK_SECONDS)
            now = time.monotonic()
            if next_look is not None and now >= next_look:
                next_look = None if is_ready(self._port) else now + READY_LOOK_SECONDS
                if next_look is None:
                    _say(f"ready after {now - began:.0f} s: open {self._address}  (Ctrl-C stops)")
                    _say(f"staff log in at {self._address}/staff; {FIRST_ACCOUNT} makes the first account")
        self._stop_all()

    def _stop(self, _signal: int, _frame: object) -> None:
        self._stopping = True

    def _look_after(self, program: Program) -> None:
        now = time.monotonic()
        if program.process is None:
            if now >= program.due:
                program.start()
                self._watch(program)
        elif program.process.poll() is not None:
            code = program.process.returncode
            self._print_output(0)
            self._unwatch(program)
            program.plan_restart(now)
            _say(f"{program.name} ended with {code}; starting it again in {program.due - now:.1f} s")

    def _stop_all(self) -> None:
        _say("stopping")
        running = [program.process for program in self._programs if program.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while any(process.poll() is None for process in running) and time.monotonic() < deadline:
            self._print_output(TICK_SECONDS)
        for process in running:
            if process.poll() is None:
                process.kill()
            process.wait()
        _say("stopped")

    def _watch(self, program: Program) -> None:
        if program.process is not None and program.process.stdout is not None:
            os.set_blocking(program.process.stdout.fileno(), False)
            self._selector.register(program.process.stdout, selectors.EVENT_READ, program)

    def _unwatch(self, program: Program) -> None:
        if program.process is not None and program.process.stdout is not None:
            with contextlib.suppress(KeyError):
                self._selector.unregister(program.process.stdout)
            program.process.stdout.close()

    def _print_output(self, wait: float) -> None:
        for key, _ in self._selector.select(wait):
            program: Program = key.data
            chunk = os.read(key.fd, 65536)
            if not chunk:
                self._selector.unregister(key.fileobj)
                continue
            *lines, program.rest = (program.rest + chunk).split(b"\n")
            for line in lines:
                _print(f"{program.name:>9} | {line.decode(errors='replace')}")


def is_ready(port: int) -> bool:
    """True when the desk's /readyz answers 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=READY_SECONDS) as connection:
            connection.sendall(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b" 200 " in connection.recv(64).split(b"\r\n")[0]
    except OSError:
        return False


def _die_with_the_supervisor() -> None:
    """On Linux, a supervisor that is killed outright takes its programs along, so that no port stays taken."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _say(sentence: str) -> None:
    _print(f"    psoas | {sentence}")


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def main() -> None:
    """Serve until stopped."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        sys.exit(str(error))
    ports = {
        "PSOAS_PORT": settings.port,
        "PSOAS_ASSISTANT_PORT": settings.assistant_port,
        "PSOAS_ACTIONS_PORT": settings.actions_port,
    }
    for name, port in ports.items():
        if _taken(port):
            sys.exit(f"Port {port} is in use. Stop what uses it, or choose another one: {name}=... make run")
    if not Path("endpoints.yml").is_file():
        sys.exit("Run this in the project's folder, where endpoints.yml is")
    programs = [Program(name, arguments) for name, arguments in PROGRAMS.items()]
    Supervisor(programs, settings.base_url, settings.port).run()


if __name__ == "__main__":
    main()
