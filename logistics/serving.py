"""`python app.py`: Shoreline on this machine, ready to be looked at.

It brings the database up to date, loads the demo when nobody has an account yet, and serves on the loopback
address with the worker beside it. Production runs the same two by themselves: docs/running.md.
"""

import socket
import subprocess
import sys
import threading
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from sqlalchemy import exists, select

from . import cli
from .config import ROOT, Settings
from .db import db
from .demo import load as demo
from .demo.content import ACCOUNTS, PASSWORD
from .people.models import Person

HOST = "127.0.0.1"
THREADS = 8
PATIENCE = 10  # seconds that the worker has to finish what it is sending


class Server(BaseApplication):
    """Gunicorn around an application that is already made: one process of several threads, and no chatter."""

    def __init__(self, app: Flask, port: int, greeting: str) -> None:
        """Keep what is to be served, where, and what to say when it is."""
        self.served, self.port, self.greeting = app, port, greeting
        self.worker: subprocess.Popen[bytes] | None = None
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn where to listen, and what to do when it is ready and when it ends."""
        for name, value in {
            "bind": f"{HOST}:{self.port}",
            "worker_class": "gthread",
            "threads": THREADS,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": self.ready,
            "on_exit": self.end,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application."""
        return self.served

    def ready(self, _server: Any) -> None:
        """Start the worker and say where to look."""
        # In a session of its own, Ctrl-C does not reach it: it hears of the end through `end`, or, should this
        # process be killed, through the closing of the pipe it reads.
        self.worker = subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True
        )
        print(self.greeting, flush=True)

    def end(self, _server: Any) -> None:
        """Let the worker finish what it is doing, and end it."""
        if self.worker is None or self.worker.stdin is None:
            return
        self.worker.stdin.close()
        try:
            self.worker.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.worker.kill()


def greeting(app: Flask, port: int) -> str:
    """Return what a person needs to begin: the address, and the demo's accounts if they are there."""
    text = f"\nShoreline is at http://{HOST}:{port} (Ctrl-C ends it)\n"
    with app.app_context():
        demo = db.session.scalar(select(exists().where(Person.email == ACCOUNTS[0][0])))
    if demo:
        lines = "\n".join(f"  {email:26} {role}" for email, _name, role in ACCOUNTS)
        text += f"\nThe demo's accounts, each with the password {PASSWORD}:\n{lines}\n"
    return text


def prepare(app: Flask, settings: Settings) -> None:
    """Bring the database up to date, and load the demo when nobody has an account."""
    cli.upgrade(settings.database_url)
    with app.app_context():
        if db.session.scalar(select(exists().where(Person.id.is_not(None)))):
            return
        print("Making a charity to look at (once) ...", flush=True)
        try:
            demo.load(demo.Sizes(), tell=lambda text: print(f"  {text}", flush=True))
        except BaseException:
            print(f"The demo was not finished. Before you start again, delete {settings.instance}", file=sys.stderr)
            raise


def taken(port: int) -> bool:
    """Return whether something else listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def serve(app: Flask) -> None:
    """Prepare, and serve until Ctrl-C."""
    settings: Settings = app.extensions["shoreline_settings"]
    if settings.production:
        sys.exit("In production run `gunicorn app:app` and `flask worker`: see docs/running.md.")
    if taken(settings.port):
        sys.exit(f"Port {settings.port} is taken. Choose another: make run PORT={settings.port + 1}")
    prepare(app, settings)
    server = Server(app, settings.port, greeting(app, settings.port))
    with app.app_context():
        db.engine.dispose()  # gunicorn forks: no connection may be shared
    server.run()


def work_beside_server() -> None:
    """Be the worker until the pipe from the server closes."""
    from . import worker
    from .factory import create_app

    stop = threading.Event()

    def watch() -> None:
        sys.stdin.buffer.read()
        stop.set()

    threading.Thread(target=watch, daemon=True).start()
    worker.run(create_app(), stop=stop)


if __name__ == "__main__":
    work_beside_server()
