"""Pages of giving."""

from flask import Blueprint

bp = Blueprint("giving", __name__)
