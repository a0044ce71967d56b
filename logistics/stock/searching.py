"""Finding products by name as people type it: without accents, in either language, one or many, and with slips.

The whole catalogue is read for each search, in one short query, so that what is found is never out of date; what is
made of it is kept for as long as its names stay the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ..web.filters import sort_key
from .models import Gender, Product

MOST_WORDS = 6
SHORTEST_SLIP = 4  # letters: of a shorter word, one wrong letter makes another word
LONG = 6  # letters of a word in which two slips are forgiven
ALIKE = 60  # of 100: names that are less like another are no suggestion
SURE = 80  # of 100: names that are as like as this are taken to be meant, until somebody says otherwise

# Whom a product is for, as pages say it in either language, without accents.
_WHOM = {
    Gender.MALE: ("men", "hommes", "homme"),
    Gender.FEMALE: ("women", "femmes", "femme"),
    Gender.UNISEX_ADULT: ("adults", "adultes"),
    Gender.BOY: ("boys", "garcons"),
    Gender.GIRL: ("girls", "filles"),
    Gender.UNISEX_KID: ("children", "enfants"),
    Gender.UNISEX_BABY: ("babies", "bebes"),
}


@dataclass(frozen=True)
class Term:
    """One word of a search: as it is compared with sizes and shelves, and the products whose names it finds.

    `exact` is False where no name has it, and these are spelt like it.
    """

    key: str
    product_ids: tuple[int, ...] = ()
    exact: bool = True


@dataclass(frozen=True)
class Search:
    """What somebody searches for: as it was typed, and what its words find."""

    text: str = ""
    terms: tuple[Term, ...] = ()

    @property
    def guessed(self) -> str:
        """Return the words that no name has: what is found is spelt like them."""
        return " ".join(term.key for term in self.terms if not term.exact and term.product_ids)


ANYTHING = Search()


def search(session: Session, text: str) -> Search:
    """Return what was typed with what its words find (all words count, MOST_WORDS at most), in one query or none."""
    words = text.split()[:MOST_WORDS]
    if not words:
        return Search(text)
    index = catalogue(session)
    return Search(text, tuple(index.term(word) for word in words))


def named_like(term: Term) -> ColumnElement[bool]:
    """Return the condition that a product is one that a word finds."""
    return Product.id.in_(term.product_ids)


def products_like(session: Session, text: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a product is found by every word of a search."""
    return tuple(named_like(term) for term in search(session, text).terms)


def fold(text: str) -> str:
    """Return a text in the form in which it is compared: lower case, without accents, its words apart by one space."""
    plain = sort_key(text).replace("œ", "oe").replace("æ", "ae")
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


@dataclass
class Catalogue:
    """The names of all products, as searches compare them."""

    names: dict[int, tuple[str, ...]]  # folded, by product id: in English, and in French where there is one
    haystacks: dict[int, str]
    whole: dict[str, list[int]]
    whom: dict[str, list[int]]
    words: dict[str, list[int]]
    found: dict[str, Term] = field(default_factory=dict)

    def term(self, word: str) -> Term:
        """Return what one word finds: names that have it, in one form or the other; or those spelt like it."""
        key = word.casefold()
        if key not in self.found:
            if len(self.found) > 2000:
                self.found.clear()
            self.found[key] = self._find(key)
        return self.found[key]

    def _find(self, key: str) -> Term:
        if len(key) == 1:  # a size ("S"), seldom part of a name
            return Term(key, tuple(self.whole.get(key, ())))
        folded = fold(key).replace(" ", "")
        stems = _stems(folded) if folded else [key]
        ids = {each for each, text in self.haystacks.items() if key in text or any(stem in text for stem in stems)}
        ids.update(self.whom.get(folded, ()))
        if ids:
            return Term(key, tuple(sorted(ids)))
        return Term(key, tuple(sorted(self._spelt_like(folded))), exact=False)

    def _spelt_like(self, word: str) -> set[int]:
        """Return the products with the words that are nearest to one that no name has, if any are near."""
        if len(word) < SHORTEST_SLIP or any(letter.isdigit() for letter in word):
            return set()
        most = 1 if len(word) < LONG else 2
        near: dict[float, set[int]] = defaultdict(set)
        for each, ids in self.words.items():
            distance = min(
                OSA.distance(word, each, score_cutoff=most), OSA.distance(word, each[: len(word)], score_cutoff=most)
            )
            if distance <= most:
                # Whoever slips seldom slips in the first letter.
                near[distance + (word[0] != each[0]) / 2].update(ids)
        return near[min(near)] if near else set()

    def closest(self, text: str, most: int = 5, among: Iterable[int] | None = None, *, alike: int = ALIKE) -> list[int]:
        """Return the products (of some, or all) whose whole names are most like a text, the most alike first."""
        chosen = self.names if among is None else {each: self.names[each] for each in among if each in self.names}
        choices = {(each, place): name for each, names in chosen.items() for place, name in enumerate(names)}
        near = process.extract(fold(text), choices, scorer=_alike, limit=most * 2, score_cutoff=alike)
        return list(dict.fromkeys(key[0] for _name, _score, key in near))[:most]


def _alike(one: str, other: str, *, score_cutoff: float | None = None, **_more: Any) -> float:
    """Return how alike two names are, of 100: by their letters, and by the words that they share."""
    letters = fuzz.ratio(one, other, score_cutoff=score_cutoff)
    if min(len(one), len(other)) < SHORTEST_SLIP:
        return letters
    return max(letters, 0.95 * fuzz.token_set_ratio(one, other), 0.9 * fuzz.token_sort_ratio(one, other))


def _stems(word: str) -> list[str]:
    """Return what one and many of a thing have in common, in English and French: "blanket", "manteau", "nappy"."""
    if len(word) >= SHORTEST_SLIP and word.endswith(("s", "x")):
        return [word[:-1], f"{word[:-3]}y"] if word.endswith("ies") else [word[:-1]]
    return [word]


def catalogue(session: Session) -> Catalogue:
    """Return the index of all products' names, in one query."""
    rows = session.execute(
        select(Product.id, Product.name_key, Product.name_fr, Product.gender).order_by(Product.id)
    ).all()
    return _index(tuple(tuple(row) for row in rows))


@lru_cache(maxsize=4)
def _index(rows: Sequence[tuple[int, str, str | None, str]]) -> Catalogue:
    index = Catalogue({}, {}, defaultdict(list), defaultdict(list), defaultdict(list))
    for product_id, key, french, gender in rows:
        raw = [key, *([french.casefold()] if french else [])]
        folded = tuple(dict.fromkeys(fold(name) for name in raw))
        index.names[product_id] = folded
        index.haystacks[product_id] = "|".join([*raw, *folded, *(name.replace(" ", "") for name in folded)])
        index.whole[key].append(product_id)
        for word in dict.fromkeys(word for name in folded for word in name.split()):
            if len(word) >= SHORTEST_SLIP - 1:
                index.words[word].append(product_id)
        for word in {*_WHOM.get(Gender(gender), ()), *gender.casefold().split()}:
            index.whom[word].append(product_id)
    return index
