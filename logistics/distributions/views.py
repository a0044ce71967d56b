"""Pages of distributions."""

from flask import Blueprint

bp = Blueprint("distributions", __name__)
