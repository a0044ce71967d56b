"""Where someone was when a shift asked them for something first: they go back there once they have answered."""

import re

from ...web.redirects import came_from

_SHIFT = re.compile(r"/shifts/\d+")


def shift_asked_from() -> str:
    """Return the path of the list, the first page or the shift that led here; "" when it was none of them."""
    path = came_from("")
    if path == "/" or path.split("?")[0] == "/shifts":
        return path
    shift = _SHIFT.match(path)  # its page may have been the answer to a sign-up that was refused
    return shift.group() if shift else ""
