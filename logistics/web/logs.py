"""Structured logs, one JSON object a line, without personal data: routes, not addresses; ids, not names."""

import json
import logging
import secrets
import sys
import time
import traceback

from flask import Flask, Response, g, has_request_context, request
from flask_login import current_user


class JsonFormatter(logging.Formatter):
    """One line of JSON for each record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if has_request_context():
            line["request"] = getattr(g, "request_id", None)
        if record.exc_info and record.exc_info[0] is not None:
            # A database error's own text repeats the values it was given, which may be personal.
            line["error"] = record.exc_info[0].__name__
            line["trace"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(record.exc_info[2])]
        return json.dumps(line, default=str)


def init_app(app: Flask, production: bool) -> None:
    """Log each request when it ends; in production as JSON on standard error."""
    log = logging.getLogger("shoreline.request")
    if production:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()
        g.request_id = secrets.token_hex(6)

    @app.after_request
    def finish(response: Response) -> Response:
        if log.isEnabledFor(logging.INFO):
            fields = {
                "method": request.method,
                "route": str(request.url_rule),
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
                "person": current_user.id if current_user.is_authenticated else None,
            }
            log.info("request", extra={"fields": fields})
        return response
