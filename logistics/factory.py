"""The one place where the parts are wired into an application."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5
from whitenoise import WhiteNoise

from . import cli, db, models
from .config import ROOT, Settings, load
from .distributions import views as distributions
from .giving import gateway
from .giving import views as giving
from .operations import setup_views as setup
from .operations import views as operations
from .outbox import mail
from .people import access
from .people import views as people
from .practice_stripe.wiring import Practice
from .public import views as public
from .shifts.views import index as shifts
from .stock import views as stock
from .web import drawing, errors, filters, i18n, logs, security
from .web import views as web_views

__all__ = ["create_app", "models"]  # a table can refer to any other, so all of them are loaded from the start


class Shoreline(Flask):
    """Flask for plain functions: none of ours is a coroutine, so they are not asked a dozen times a request."""

    jinja_environment = drawing.Environment

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Raises `UnsafeSettings` when production would be unsafe."""
    settings = settings or load(os.environ)
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Shoreline(
        "logistics",
        root_path=str(ROOT / "logistics"),
        instance_path=str(settings.instance),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        static_url_path="/static",
    )
    app.extensions["shoreline_settings"] = settings
    app.testing = settings.testing
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["settings"] = settings
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)

    db.init_app(app, settings.database_url)
    logs.init_app(app, settings.production)
    security.init_app(app, settings)
    i18n.init_app(app)
    filters.init_app(app)
    mail.init_app(app)
    access.init_app(app)
    errors.init_app(app)
    web_views.init_app(app)
    _register_pages(app)
    _open_stripe(app, settings)
    cli.init_app(app)
    serve_static(app)
    return app


def _register_pages(app: Flask) -> None:
    """Register each part's pages."""
    for part in (people, distributions, shifts, stock, giving, operations, setup, public):
        app.register_blueprint(part.bp)


def _open_stripe(app: Flask, settings: Settings) -> None:
    """Open the door to Stripe, or to its stand-in for practice."""
    if settings.practice_stripe:
        practice = Practice(app, settings)
        gateway.init_app(
            app,
            secret_key=practice.api_key,
            webhook_secret=practice.webhook_secret,
            api_base=settings.stripe_api_base,
            http_client=practice.http_client,
            redeliver=practice.deliver,
        )
    else:
        gateway.init_app(
            app,
            secret_key=settings.stripe_secret_key,
            webhook_secret=settings.stripe_webhook_secret,
            api_base=settings.stripe_api_base,
        )


def serve_static(app: Flask) -> None:
    """Serve the stylesheet, scripts and Bootstrap before Flask sees the request; a versioned file for a year."""
    import flask_bootstrap

    bootstrap = Path(flask_bootstrap.__file__).parent / "static"
    served = WhiteNoise(
        app.wsgi_app, root=str(ROOT / "static"), prefix="static/", max_age=31_536_000, autorefresh=False
    )
    served.add_files(str(bootstrap), prefix="bootstrap/static/")
    app.wsgi_app = served  # type: ignore[method-assign]
