#!/usr/bin/env bash
# While nothing has landed: write the first migration again from the models. On any failure all stays as it was.
set -eu
cd "$(dirname "$0")/.."
versions=logistics/migrations/versions
work=$(mktemp -d)
cp "$versions"/0*.py "$work/"
trap 'cp "$work"/0*.py "$versions/"; echo "Failed: the migrations are as they were." >&2' ERR
rm -f "$versions"/0*.py
.venv/bin/python - "sqlite:///$work/empty.db" <<'PY'
import sys
from alembic import command
from logistics.cli import alembic_config, upgrade
upgrade(sys.argv[1])
command.revision(alembic_config(sys.argv[1]), "initial", autogenerate=True, rev_id="0001")
PY
cp "$work/0002_outside_world.py" "$versions/"
.venv/bin/ruff format -q "$versions"
