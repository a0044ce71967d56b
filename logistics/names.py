"""How the names that charities give (of sites, roles, products) are compared."""

from .errors import Invalid, msg


def key_of(name: str, longest: int, field: str = "name") -> str:
    """Return the form in which a name is compared: without outer spaces and case.

    Raises `Invalid` when that form is empty or longer than can be kept ("ß" becomes two letters).
    """
    key = name.strip().casefold()
    if not key:
        raise Invalid(msg("Fill this in."), field=field)
    if len(key) > longest or len(name.strip()) > longest:
        raise Invalid(msg("Use %(max)d characters or fewer.", max=longest), field=field)
    return key
