"""The blueprint that the pages of giving share."""

from flask import Blueprint

bp = Blueprint("giving", __name__)
