"""A server to measure, and a load to put on it. Nothing here leaves this machine, and everything ends by itself."""

import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

from flask import Flask

from logistics.config import ROOT

PROCESSES, THREADS = 2, 8  # of the server
CONNECTIONS = 8  # of the load, unless told
BARE = "/bare"  # the path under which the bare route answers
START_SECONDS = 60

bare = Flask("bare")


@bare.get(BARE)
def hello() -> str:
    """Return as little as a Flask route can."""
    return "hello"


@contextmanager
def server(environ: dict[str, str]) -> Iterator[int]:
    """Serve Shoreline and the bare route from the same gunicorn; yields its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(PROCESSES)]
    command += ["--worker-class", "gthread", "--threads", str(THREADS), "--no-control-socket"]
    command += ["--log-level", "warning", "benchmarks.both:application"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ, "PORT": str(port)})
    try:
        wait_for(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the server listens. Raises RuntimeError when it does not."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


@dataclass(frozen=True)
class Target:
    """What to ask for, again and again. `form` makes it a POST of these bytes."""

    port: int
    path: str
    cookie: str = ""
    form: bytes = b""

    @property
    def request(self) -> bytes:
        """Return the request's bytes."""
        head = f"{'POST' if self.form else 'GET'} {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
        if self.cookie:
            head += f"Cookie: {self.cookie}\r\n"
        if self.form:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(self.form)}\r\n"
        return f"{head}\r\n".encode() + self.form


def connect(port: int) -> socket.socket:
    """Return a connection to the server that sends what it is given at once."""
    connection = socket.create_connection(("127.0.0.1", port), 60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def exchange(connection: socket.socket, request: bytes) -> int:
    """Send one request, read its whole answer and return its status.

    As little as possible is done here, because the load shares the machine with what it measures.
    """
    connection.sendall(request)
    answer = connection.recv(262_144)
    while (end := answer.find(b"\r\n\r\n")) < 0:
        more = connection.recv(262_144)
        if not more:
            raise RuntimeError("the server closed the connection")
        answer += more
    head = answer[:end].lower()
    start = head.index(b"content-length:") + 15
    line_end = head.find(b"\r\n", start)
    missing = int(head[start : line_end if line_end > 0 else None]) - (len(answer) - end - 4)
    while missing > 0:
        missing -= len(connection.recv(262_144))
    return int(answer[9:12])


def load(target: Target, seconds: float, connections: int = CONNECTIONS) -> float:
    """Ask from several connections for so many seconds; return requests a second.

    Raises RuntimeError when an answer is not 200.
    """
    counts = [0] * connections
    failures: list[BaseException] = []
    end = time.monotonic() + seconds

    def ask(place: int) -> None:
        try:
            with connect(target.port) as connection:
                while time.monotonic() < end:
                    status = exchange(connection, target.request)
                    if status != 200:
                        raise RuntimeError(f"the answer was {status}")
                    counts[place] += 1
        except (OSError, RuntimeError, ValueError) as error:
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(connections)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"{target.path}: {failures[0]}")
    return sum(counts) / (time.monotonic() - started)


def compare(target: Target, rounds: int, seconds: float) -> tuple[float, float]:
    """Return requests a second of a page, and its ratio to the bare route, as the median of the rounds.

    Each round measures both, one right after the other, so that what else the machine does weighs on both.
    """
    pairs = []
    with get_context("spawn").Pool(1) as pool:  # its own process: the load waits for no lock of ours
        for place in range(rounds + 1):
            if place == 0:  # the first warms caches and connections
                pool.apply(load, (target, seconds / 2))
                continue
            plain = pool.apply(load, (Target(target.port, BARE), seconds / 2))
            page = pool.apply(load, (target, seconds))
            pairs.append((page, page / plain))
    return statistics.median(page for page, _ in pairs), statistics.median(ratio for _, ratio in pairs)
