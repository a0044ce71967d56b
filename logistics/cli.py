"""The `flask` commands of an installation."""

import os
import sys
from pathlib import Path

import click
from alembic import command as alembic
from alembic.config import Config
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo, pass_script_info

from .config import ROOT
from .db import db, snapshot
from .errors import DomainError
from .stock import importing_cli

db_group = AppGroup("db", help="The database's schema.")


def alembic_config(url: str) -> Config:
    """Return Alembic's settings for a database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "logistics" / "migrations"))
    config.attributes["url"] = url
    return config


def upgrade(url: str, to: str = "head") -> None:
    """Bring a database's schema up to the newest migration, or to another."""
    alembic.upgrade(alembic_config(url), to)


@db_group.command("upgrade")
def upgrade_command() -> None:
    """Bring the schema up to date."""
    upgrade(db.engine.url.render_as_string(hide_password=False))
    click.echo("The database is up to date.")


@db_group.command("migrate")
@click.argument("message")
def migrate_command(message: str) -> None:
    """Write a migration for what the models have and the database lacks (for developers)."""
    config = alembic_config(db.engine.url.render_as_string(hide_password=False))
    number = len(list((ROOT / "logistics" / "migrations" / "versions").glob("[0-9]*.py"))) + 1
    alembic.revision(config, message, autogenerate=True, rev_id=f"{number:04}")


@click.command("demo")
@click.option("--volunteers", default=60, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--boxes", default=560, show_default=True, type=click.IntRange(0, 1_000_000))
@click.option("--days", default=21, show_default=True, type=click.IntRange(0, 20_000), help="Days behind us.")
@click.option("--gifts", default=120, show_default=True, type=click.IntRange(0, 1_000_000))
def demo_command(volunteers: int, boxes: int, days: int, gifts: int) -> None:
    """Fill an empty database with a believable charity. Refused in production."""
    from .demo import load as demo

    if current_app.extensions["shoreline_settings"].production:
        raise click.ClickException("The demo is not for production: its passwords are known to everyone.")
    try:
        demo.load(demo.Sizes(volunteers, boxes, days, gifts), tell=lambda text: click.echo(f"  {text}"))
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo("The demo is ready.")


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what waits, and end.")
@pass_script_info
def worker_command(info: ScriptInfo, once: bool) -> None:
    """Send messages and apply Stripe's events, until SIGTERM."""
    from . import worker

    worker.run(info.load_app(), once=once)


@click.command("create-admin")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, and do not ask for it.")
def create_admin_command(email: str, password_stdin: bool) -> None:
    """Make EMAIL an admin, with a new password: a first account, or the way back in."""
    from .people.accounts import make_admin

    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password (12 characters or more)", hide_input=True, confirmation_prompt=True)
    try:
        make_admin(email=email, password=password)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{email} is an admin and can sign in.")


@click.command("make-signing-key")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def make_signing_key_command(file: Path) -> None:
    """Make FILE, what letters are signed with in the charity's name. SIGNING_PASSWORD, if set, is needed to open it."""
    from . import pdf_signing

    key = pdf_signing.SigningKey(file, os.environ.get("SIGNING_PASSWORD", ""))
    try:
        pdf_signing.make(key, current_app.extensions["shoreline_settings"].org_name)
    except FileExistsError as error:
        raise click.ClickException(f"{file} is there already, and stays as it is.") from error
    click.echo(f"{file} is made. Its certificate's SHA-256: {pdf_signing.fingerprint(key)}")


@click.command("verify")
def verify_command() -> None:
    """Recompute all that must hold from the ground; print what does not, and exit 1 if anything."""
    from . import verify

    with snapshot() as session:  # people go on working meanwhile: all sums must be of one moment
        found = list(verify.problems(session))
    for problem in found:
        click.echo(problem)
    if found:
        raise click.ClickException(f"{len(found)} found. Do not repair by hand: tell whoever looks after Shoreline.")
    click.echo("All is in order.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(verify_command)
    app.cli.add_command(worker_command)
    app.cli.add_command(create_admin_command)
    app.cli.add_command(make_signing_key_command)
    app.cli.add_command(demo_command)
    app.cli.add_command(db_group)
    app.cli.add_command(importing_cli.group)
