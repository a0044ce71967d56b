"""flask create-admin: the first account, and the way back in."""

from flask import Flask

from logistics.db import db
from logistics.people.checks import active_admins
from tests.browsing import Browser

from .kit import GOOD, OTHER


def test_create_admin_reads_a_password_and_makes_an_admin(app: Flask) -> None:
    runner = app.test_cli_runner()
    result = runner.invoke(args=["create-admin", "boss@example.org", "--password-stdin"], input=f"{GOOD}\n")
    assert result.exit_code == 0, result.output
    assert GOOD not in result.output
    Browser(app).send("/sign-in", {"email": "boss@example.org", "password": GOOD})
    asked = runner.invoke(args=["create-admin", "boss@example.org"], input=f"{OTHER}\n{OTHER}\n")
    assert asked.exit_code == 0, asked.output
    assert OTHER not in asked.output
    Browser(app).send("/sign-in", {"email": "boss@example.org", "password": OTHER})
    assert active_admins(db.session) == 1


def test_create_admin_refuses_what_the_page_refuses(app: Flask) -> None:
    runner = app.test_cli_runner()
    for args, words in (
        (["create-admin", "boss@example.org", "--password-stdin"], "easy to guess"),
        (["create-admin", "not an address", "--password-stdin"], "Enter an email address"),
    ):
        result = runner.invoke(args=args, input="password1234\n")
        assert result.exit_code == 1
        assert words in result.output


def test_the_worker_command_drains_and_ends(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert result.exit_code == 0, result.output
