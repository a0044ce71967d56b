"""The blueprint that the pages of shifts share."""

from flask import Blueprint

bp = Blueprint("shifts", __name__)
