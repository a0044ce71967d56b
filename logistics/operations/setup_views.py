"""The page from which an installation is set up."""

from flask import Blueprint, render_template

from ..db import db
from ..people.access import Permission, requires
from .setup import first_steps

bp = Blueprint("setup", __name__)


@bp.get("/admin")
@requires(Permission.MANAGE_SETUP)
def index() -> str:
    """Say what to set up next, and list all that can be."""
    steps = first_steps(db.session)
    missing = next((step.name for step in steps if not step.done), None)
    return render_template("admin/index.html", steps=steps, missing=missing)
