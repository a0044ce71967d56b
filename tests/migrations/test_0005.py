"""The first texts to agree to come with the migration, and never over a charity's own."""

from sqlalchemy import text

from logistics.cli import upgrade

from .test_0003 import AT, connection, url

__all__ = ["url"]


def test_both_texts_are_there_in_both_languages(url: str) -> None:
    upgrade(url, "0005")
    with connection(url) as new:
        rows = new.execute(text("SELECT kind, language, version, text FROM agreement_text ORDER BY kind, language"))
        found = {(row.kind, row.language, row.version): row.text for row in rows}
    assert set(found) == {(kind, language, 1) for kind in ("conduct", "insurance") for language in ("en", "fr")}
    assert all(len(words.split("\n# ")) > 3 for words in found.values())


def test_a_text_of_the_charitys_own_stays_the_only_one(url: str) -> None:
    upgrade(url, "0004")
    with connection(url) as old:
        old.execute(
            text(
                "INSERT INTO agreement_text (kind, language, version, text, published_at)"
                f" VALUES ('conduct', 'en', 3, 'Ours', '{AT}')"
            )
        )
    upgrade(url, "0005")
    with connection(url) as new:
        rows = new.execute(text("SELECT kind, version FROM agreement_text ORDER BY kind, version")).all()
    assert [tuple(row) for row in rows] == [("conduct", 3), ("insurance", 1), ("insurance", 1)]
