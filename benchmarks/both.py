"""Shoreline and the bare route in one process, for gunicorn: `benchmarks.both:application`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app import app

from .serving import BARE, bare

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Hand each request to the one it is for."""
    return (bare if environ["PATH_INFO"] == BARE else app)(environ, start_response)
