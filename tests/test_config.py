"""Settings from the environment, and a production that refuses to start unsafe."""

from pathlib import Path

import pytest
from flask import Flask

from logistics.cli import upgrade
from logistics.config import UnsafeSettings, load
from logistics.factory import create_app

SAFE = {
    "PRODUCTION": "1",
    "SECRET_KEY": "kT9-wq2ZpL7xV4nB1cM8sR5yJ3hG6fD0aE",
    "BASE_URL": "https://shoreline.example.org",
    "MAIL_URL": "smtp://mail.example.org:587",
    "MAIL_FROM": "shoreline@example.org",
}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"BASE_URL": ""}, "BASE_URL"),
        ({"BASE_URL": "http://shoreline.example.org"}, "BASE_URL"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:12111"}, "STRIPE_API_BASE"),
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, "STRIPE_WEBHOOK_SECRET"),
        ({"MAIL_URL": ""}, "MAIL_URL"),
        ({"MAIL_FROM": ""}, "MAIL_FROM"),
        ({"SIGNING_KEY": "nowhere.p12"}, "SIGNING_KEY"),
    ],
)
def test_an_unsafe_production_does_not_start(tmp_path: Path, changed: dict[str, str], reason: str) -> None:
    with pytest.raises(UnsafeSettings, match=reason):
        load({**SAFE, **changed}, tmp_path)


def test_every_reason_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings) as refused:
        load({"PRODUCTION": "yes"}, tmp_path)
    assert all(name in str(refused.value) for name in ("SECRET_KEY", "BASE_URL", "MAIL_URL", "MAIL_FROM"))


@pytest.fixture
def production(tmp_path: Path) -> Flask:
    settings = load({**SAFE, "DATABASE_URL": f"sqlite:///{tmp_path / 'p.db'}"}, tmp_path)
    upgrade(settings.database_url)
    return create_app(settings)


def test_production_answers_safely(production: Flask) -> None:
    client = production.test_client()
    answer = client.get("/sign-in", base_url="https://shoreline.example.org")
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-shoreline=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert client.get("/sign-in", base_url="https://evil.example").status_code == 400


def test_without_a_stripe_key_production_hides_online_giving(production: Flask) -> None:
    client = production.test_client()
    home = client.get("/", base_url="https://shoreline.example.org").text
    assert 'href="/give"' not in home
    for path in ("/give", "/practice-stripe/checkout/cs_1"):
        assert client.get(path, base_url="https://shoreline.example.org").status_code == 404


def test_production_refuses_the_demo(production: Flask) -> None:
    with production.app_context():
        refused = production.test_cli_runner().invoke(args=["demo"])
    assert refused.exit_code == 1
    assert "not for production" in refused.output


def test_postgres_addresses_speak_psycopg(tmp_path: Path) -> None:
    assert load({"DATABASE_URL": "postgres://u@h/d"}, tmp_path).database_url == "postgresql+psycopg://u@h/d"


def test_a_development_key_is_kept(tmp_path: Path) -> None:
    assert load({}, tmp_path).secret_key == load({}, tmp_path).secret_key
