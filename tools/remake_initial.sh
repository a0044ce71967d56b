#!/usr/bin/env bash
# While nothing has landed: write the first migration again from the models.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
mv logistics/migrations/versions/0002_outside_world.py "$work/"
rm -f logistics/migrations/versions/0001*.py
INSTANCE_PATH="$work" .venv/bin/flask db upgrade
INSTANCE_PATH="$work" .venv/bin/flask db migrate initial
mv "$work/0002_outside_world.py" logistics/migrations/versions/
.venv/bin/ruff format -q logistics/migrations/versions
