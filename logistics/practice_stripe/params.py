"""Reading a request as Stripe's API does: the form's brackets, and the parameter types of the stripe package.

Unknown parameters are refused, and where a type allows an enum's literals beside any `str`, only the literals
are taken: what practice accepts, Stripe accepts.
"""

import sys
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

from stripe import RequestOptions

MOST_FIELDS = 500


class ApiError(Exception):
    """A refusal in Stripe's shape."""

    def __init__(self, status: int, message: str, *, code: str = "", param: str = "", type_: str = "") -> None:
        """Keep what the error object says."""
        super().__init__(message)
        self.status = status
        self.body = {
            "type": type_ or "invalid_request_error",
            "message": message,
            **({"code": code} if code else {}),
            **({"param": param} if param else {}),
        }


def decode(body: str) -> dict[str, Any]:
    """Return the nested parameters of a form such as `line_items[0][quantity]=1`."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS):
        *folders, last = name.replace("]", "").split("[")
        place = found
        for folder in folders:
            inner = place.setdefault(folder, {})
            if not isinstance(inner, dict):
                raise ApiError(400, f"Invalid parameter: {name}", param=name)
            place = inner
        place[last] = value
    return found


def check(params: Mapping[str, Any], model: type) -> dict[str, Any]:
    """Return the parameters with their types. Raises `ApiError` for whatever `model`, a TypedDict, does not allow."""
    checked: dict[str, Any] = _typed_dict(params, model, "")
    return checked


def _typed_dict(value: Any, model: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ApiError(400, f"Invalid object: {path}", param=path)
    hints = _hints(model)
    for key in value:
        if key not in hints:
            name = _join(path, key)
            raise ApiError(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    for key in model.__required_keys__ & hints.keys():
        if key not in value:
            name = _join(path, key)
            raise ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    return {key: _value(inner, hints[key], _join(path, key)) for key, inner in value.items()}


@lru_cache(maxsize=256)
def _hints(model: Any) -> dict[str, Any]:
    """Return the resolved types of a TypedDict's own keys; what is sent as headers is no parameter."""
    own = {key: hint for key, hint in model.__annotations__.items() if key not in RequestOptions.__annotations__}
    return get_type_hints(type("Own", (), {"__annotations__": own}), globalns=vars(sys.modules[model.__module__]))


def _value(value: Any, hint: Any, path: str) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return _first_that_fits(value, get_args(hint), path)
    if get_origin(hint) is Literal:
        if value in get_args(hint):
            return value
        allowed = ", ".join(str(choice) for choice in get_args(hint)[:12])
        raise ApiError(400, f"Invalid {path}: must be one of {allowed}", param=path)
    if get_origin(hint) is list:
        return _list(value, get_args(hint)[0], path)
    if get_origin(hint) is dict:
        if isinstance(value, Mapping) and all(isinstance(inner, str) for inner in value.values()):
            return dict(value)
        raise ApiError(400, f"Invalid hash: {path}", param=path)
    if hasattr(hint, "__required_keys__"):  # a TypedDict, of typing or of typing_extensions
        return _typed_dict(value, hint, path)
    return _plain(value, hint, path)


def _first_that_fits(value: Any, choices: tuple[Any, ...], path: str) -> Any:
    if any(get_origin(choice) is Literal for choice in choices):
        choices = tuple(choice for choice in choices if choice is not str)
    refusal: ApiError | None = None
    for choice in choices:
        try:
            return _value(value, choice, path)
        except ApiError as error:
            refusal = refusal or error
    raise refusal or ApiError(400, f"Invalid {path}", param=path)


def _list(value: Any, hint: Any, path: str) -> list[Any]:
    if not isinstance(value, Mapping) or sorted(value) != sorted(str(n) for n in range(len(value))):
        raise ApiError(400, f"Invalid array: {path}", param=path)
    return [_value(value[str(n)], hint, f"{path}[{n}]") for n in range(len(value))]


def _plain(value: Any, hint: Any, path: str) -> Any:
    if hint is str and isinstance(value, str):
        return value
    if hint is int and isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 19:
        return int(value)
    if hint is bool and value in ("true", "false"):
        return value == "true"
    if hint is Decimal and isinstance(value, str):
        try:
            return Decimal(value)
        except InvalidOperation:
            pass
    kind = {int: "integer", bool: "boolean", str: "string"}.get(hint, "value")
    raise ApiError(400, f"Invalid {kind}: {path}", code=f"parameter_invalid_{kind}", param=path)


def _join(path: str, key: str) -> str:
    return f"{path}[{key}]" if path else key
