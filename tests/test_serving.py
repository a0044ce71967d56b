"""`python app.py`: from nothing to a served demo, and a clean end."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil

from logistics.config import ROOT


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def start(instance: Path, port: int) -> "tuple[subprocess.Popen[str], str]":
    """Start it, and return it with what it printed until it was ready."""
    environ = {**os.environ, "INSTANCE_PATH": str(instance), "PORT": str(port)}
    environ.pop("DATABASE_URL", None)
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said = ""
    while "admin@example.org" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    page = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
    assert re.search(r"<h1", page)
    return process, said


def worked(process: "subprocess.Popen[str]") -> float:
    """For how many seconds a process and its helpers have been at work, however much else the machine does."""
    main = psutil.Process(process.pid)
    times = [each.cpu_times() for each in (main, *main.children(recursive=True))]
    return sum(each.user + each.system for each in times) + times[0].children_user + times[0].children_system


def end(process: "subprocess.Popen[str]") -> None:
    helpers = psutil.Process(process.pid).children(recursive=True)
    assert len(helpers) == 2, "a web process, and the worker"
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0  # at once, but for a machine that does much else
    assert process.stdout is not None
    assert process.stdout.read().strip() == ""
    assert [helper for helper in helpers if helper.is_running()] == []


def test_it_begins_with_a_demo_and_ends_with_all_its_processes(tmp_path: Path) -> None:
    port = free_port()
    process, said = start(tmp_path, port)
    assert f"http://127.0.0.1:{port}" in said
    assert "shoreline-demo" in said
    end(process)

    process, said = start(tmp_path, port)
    assert worked(process) < 15, "the second start takes seconds"  # 5 of two processors', 3 on an idle clock
    assert "Making a charity" not in said
    end(process)


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environ = {**os.environ, "INSTANCE_PATH": str(tmp_path), "PORT": str(port)}
        answer = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert answer.returncode == 1
    assert f"Port {port} is taken" in answer.stderr
