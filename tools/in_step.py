"""Whether what is written by a program still agrees with what it was written from.

python tools/in_step.py pins            requirements*.txt hold what requirements*.in ask for (--write mends them)
python tools/in_step.py migrations      the migrations make the tables that the models describe
"""

import difflib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PINNED = ("requirements", "requirements-dev")
PIN = re.compile(r"^([a-z0-9.-]+)==([^ ;\\]+)", re.MULTILINE)


@click.group(help=__doc__)
def main() -> None:
    """Compare what is made with what it is made from."""


@main.command()
@click.option("--write", is_flag=True, help="Write the pins instead of comparing them.")
def pins(write: bool) -> None:
    """Compare the pins with what the .in files ask for; a newer release alone is no difference."""
    with tempfile.TemporaryDirectory() as folder:
        for name in PINNED:
            compile_pins(name, Path(folder))
        found = [*index_addresses()]
        for name in PINNED:
            written, wanted = ROOT / f"{name}.txt", Path(folder) / f"{name}.txt"
            if write:
                shutil.copy(wanted, written)
            else:
                found += difflib.unified_diff(bare(written), bare(wanted), written.name, "as asked for", n=0)
    found += differing_pins()
    answer(found, "The pins are in step.", "The pins are out of step with the .in files: make pins")


def compile_pins(name: str, folder: Path) -> None:
    """Resolve one .in file into `folder`, keeping every pin that still fits."""
    wanted = folder / f"{name}.txt"
    if (ROOT / wanted.name).exists():
        shutil.copy(ROOT / wanted.name, wanted)
    options = ["--universal", "--generate-hashes", "--no-header", "--quiet", "--python-version", "3.11"]
    if name != PINNED[0]:
        options += ["--constraint", str(folder / f"{PINNED[0]}.txt")]
    command = [sys.executable, "-m", "uv", "pip", "compile", *options, f"{name}.in", "-o", str(wanted)]
    if subprocess.run(command, cwd=ROOT).returncode:
        raise click.ClickException(f"{name}.in cannot be resolved")
    text = wanted.read_text().replace(str(folder) + "/", "")
    wanted.write_text(text)


def bare(path: Path) -> list[str]:
    """Return a requirements file's lines without comments."""
    return [line for line in path.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]


def index_addresses() -> list[str]:
    """Return lines that name a package index or a link: pins must install from whatever index a machine has."""
    lines = [line for name in PINNED for kind in ("in", "txt") for line in bare(ROOT / f"{name}.{kind}")]
    return [line for line in lines if "://" in line or "index-url" in line or "find-links" in line]


def differing_pins() -> list[str]:
    """Return packages that running and developing pin differently."""
    run, develop = (dict(PIN.findall((ROOT / f"{name}.txt").read_text())) for name in PINNED)
    return [
        f"{name}: {run[name]} to run, {develop.get(name)} to develop" for name in run if develop.get(name) != run[name]
    ]


@main.command()
def migrations() -> None:
    """Make an empty database with the migrations and compare its tables with the models."""
    from alembic import command
    from alembic.util import CommandError

    from logistics.cli import alembic_config, upgrade

    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        upgrade(url)
        try:
            command.check(alembic_config(url))
            found = []
        except CommandError as error:
            found = [str(error)]
    answer(found, "The migrations are in step.", 'The models have what no migration makes: flask db migrate "why"')


def answer(found: list[str], well: str, advice: str) -> None:
    """Print what was found and exit 1, or say that all is well."""
    for line in found:
        click.echo(line, err=True)
    if found:
        raise click.ClickException(advice)
    click.echo(well)


if __name__ == "__main__":
    main()
