"""Handing mail over to a server, spoken to over a real socket."""

import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask

from logistics.outbox.mail import NotEncrypted, compose, hand_over


class SmtpServer:
    """Speaks just enough SMTP to take one mail, and keeps every line it is sent. It offers no STARTTLS."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rwb") as stream:

            def say(text: str) -> None:
                stream.write(f"{text}\r\n".encode())
                stream.flush()

            say("220 ready")
            inside = False
            for raw in stream:
                line = raw.decode().rstrip("\r\n")
                self.lines.append(line)
                if inside:
                    inside = line != "."
                    if not inside:
                        say("250 taken")
                elif line.upper() == "DATA":
                    inside = True
                    say("354 go on")
                elif line == "QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 fine")


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    server = SmtpServer()
    yield server
    server.socket.close()


def test_a_mail_is_handed_over(app: Flask, server: SmtpServer) -> None:
    mail = compose("reset_password", "a@example.org", "en", {"secret_path": "/reset/x"}, message_id="<1@localhost>")
    hand_over(mail, urlsplit(f"smtp://127.0.0.1:{server.port}"))
    server.thread.join(5)
    assert "mail FROM:<shoreline@example.org>" in [line.split(" size=")[0] for line in server.lines]
    assert "rcpt TO:<a@example.org>" in server.lines
    assert "Subject: Set a new password" in server.lines


def test_no_password_goes_out_in_the_clear(app: Flask, server: SmtpServer) -> None:
    mail = compose("reset_password", "a@example.org", "en", {"secret_path": "/reset/x"}, message_id="<1@localhost>")
    with pytest.raises(NotEncrypted):
        hand_over(mail, urlsplit(f"smtp://user:secret%21@127.0.0.1:{server.port}"))
    server.thread.join(5)
    assert not any("AUTH" in line.upper() or "DATA" in line.upper() for line in server.lines)


def test_a_server_that_does_not_answer_is_an_error(app: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    mail = compose("reset_password", "a@example.org", "en", {"secret_path": "/reset/x"}, message_id="<1@localhost>")
    with pytest.raises(OSError):
        hand_over(mail, urlsplit(f"smtp://127.0.0.1:{port}"))
