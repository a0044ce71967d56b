"""Going on to another page, and never to another site."""

from urllib.parse import urlsplit

from flask import redirect, request
from werkzeug.wrappers import Response

COME_BACK = "come_back"  # in the session of who is signed out: the path to go on to once they are signed in


def safe_path(target: str | None, default: str = "/") -> str:
    """Return `target` if it is a path on this site, else `default` (open redirects are refused)."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return default
    if any(ord(character) < 33 or ord(character) == 127 for character in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def see_other(path: str) -> Response:
    """Answer a form that succeeded: 303 to where its result shows."""
    return redirect(path, code=303)


def came_from(default: str = "/") -> str:
    """Return the path of this site's page that sent the request, or `default`."""
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host:
        return default
    return safe_path(referrer.path + (f"?{referrer.query}" if referrer.query else ""), default)
