"""Settings, typed, from the environment. An unsafe production refuses to start."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from . import pdf_signing
from .pdf_signing import SigningKey

ROOT = Path(__file__).resolve().parent.parent
MAX_UPLOAD_BYTES = 5 * 1024 * 1024
LANGUAGES = {"en": "English", "fr": "Français"}
STRIPE_API = "https://api.stripe.com"


class UnsafeSettings(RuntimeError):
    """Raised at start when the settings would make production unsafe; says each reason."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another."""

    database_url: str
    secret_key: str
    base_url: str
    instance: Path
    production: bool = False
    port: int = 5000
    stripe_secret_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_api_base: str = STRIPE_API
    mail_url: str = ""
    mail_from: str = ""
    ratelimit_storage_uri: str = "memory://"
    org_name: str = "Shoreline"
    charity_number: str = ""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    trusted_proxies: int = 0
    signing_key: SigningKey | None = None  # what letters are signed with; none: they are not
    testing: bool = False

    @property
    def practice_stripe(self) -> bool:
        """Whether the stand-in for Stripe serves: no key is set, and this is not production."""
        return not self.stripe_secret_key and not self.production and self.stripe_api_base == STRIPE_API

    @property
    def online_giving(self) -> bool:
        """Whether `/give` is offered at all."""
        return bool(self.stripe_secret_key) or not self.production


def load(environ: Mapping[str, str], instance: Path | None = None) -> Settings:
    """Read the settings; raises `UnsafeSettings` in an unsafe production and ValueError on nonsense."""
    instance = instance or Path(environ.get("INSTANCE_PATH") or ROOT / "instance")
    production = _flag(environ.get("PRODUCTION", ""))
    port = int(environ.get("PORT") or 5000)
    settings = Settings(
        database_url=_database_url(environ.get("DATABASE_URL", ""), instance),
        secret_key=environ.get("SECRET_KEY", "") or ("" if production else _development_key(instance)),
        base_url=(environ.get("BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        instance=instance,
        production=production,
        port=port,
        stripe_secret_key=environ.get("STRIPE_SECRET_KEY", ""),
        stripe_webhook_secret=environ.get("STRIPE_WEBHOOK_SECRET", ""),
        stripe_api_base=(environ.get("STRIPE_API_BASE") or STRIPE_API).rstrip("/"),
        mail_url=environ.get("MAIL_URL", ""),
        mail_from=environ.get("MAIL_FROM", "") or "shoreline@localhost",
        ratelimit_storage_uri=environ.get("RATELIMIT_STORAGE_URI") or "memory://",
        org_name=environ.get("ORG_NAME") or "Shoreline",
        charity_number=environ.get("CHARITY_NUMBER", ""),
        timezone=ZoneInfo(environ.get("TIMEZONE") or "Europe/Paris"),
        trusted_proxies=int(environ.get("TRUSTED_PROXIES") or 0),
        signing_key=_signing_key(environ, instance, production),
    )
    if production:
        refuse_unsafe(settings)
    return settings


def refuse_unsafe(settings: Settings) -> None:
    """Raise `UnsafeSettings` with every reason why these settings may not serve real people."""
    reasons = []
    if len(settings.secret_key) < 32 or len(set(settings.secret_key)) < 10:
        reasons.append(
            "SECRET_KEY must be 32 random characters or more (python -c 'import secrets; print(secrets.token_urlsafe(48))')."
        )
    if urlsplit(settings.base_url).scheme != "https" or not urlsplit(settings.base_url).hostname:
        reasons.append("BASE_URL must be the site's https:// address.")
    if settings.stripe_api_base != STRIPE_API:
        reasons.append("STRIPE_API_BASE must not be changed.")
    if settings.stripe_secret_key and not settings.stripe_webhook_secret:
        reasons.append("STRIPE_WEBHOOK_SECRET must be set when STRIPE_SECRET_KEY is.")
    if not settings.mail_url.startswith(("smtp://", "smtps://")):
        reasons.append("MAIL_URL must name a mail server, such as smtp://user:password@mail.example.org:587.")
    if settings.mail_from.endswith("@localhost"):
        reasons.append("MAIL_FROM must be the address mail comes from.")
    if settings.signing_key is not None:
        try:
            pdf_signing.certificate(settings.signing_key)
        except pdf_signing.NoKey as error:
            reasons.append(f"SIGNING_KEY must be a PKCS#12 file that SIGNING_PASSWORD opens: {error}.")
    if reasons:
        raise UnsafeSettings("Production refuses to start:\n- " + "\n- ".join(reasons))


def _flag(text: str) -> bool:
    return text.strip().lower() in {"1", "true", "yes", "on"}


def _database_url(url: str, instance: Path) -> str:
    """Default to SQLite in the instance folder; always speak to PostgreSQL through psycopg 3."""
    if not url:
        return f"sqlite:///{instance / 'shoreline.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _signing_key(environ: Mapping[str, str], instance: Path, production: bool) -> SigningKey | None:
    """Outside production there is always a key beside the database, made when it is first needed."""
    path, password = environ.get("SIGNING_KEY", ""), environ.get("SIGNING_PASSWORD", "")
    if path:
        return SigningKey(Path(path), password)
    return None if production else SigningKey(instance / "signing.p12")


def _development_key(instance: Path) -> str:
    """Make a key once and keep it beside the database, so that sign-ins survive a restart."""
    path = instance / "secret_key"
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(48))
        path.chmod(0o600)
    return path.read_text().strip()
