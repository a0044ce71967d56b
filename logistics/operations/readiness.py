"""How crew, goods and money of a distribution stand: ready, or short by what and why.

Pure functions of what each part says of itself; no database, no page.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..distributions.listing import FINISHED
from ..distributions.models import BEFORE_OUT, DistributionState
from ..errors import Message, Name, msg, nmsg
from ..shifts.crew import CrewLine, CrewView

NAMED = 3  # so many of what is short are named; the rest are "and more"


class Kind(StrEnum):
    """The shape a standing is drawn in."""

    OK = "ok"
    WARN = "warn"
    PLAIN = "plain"


@dataclass(frozen=True)
class Standing:
    """How one of the three stands: a word, and a line that says why (empty where the word says all).

    `why` is made of names and figures, so it is the same in every language.
    """

    kind: Kind
    word: Message
    why: str = ""


@dataclass(frozen=True)
class Goods:
    """The goods of one distribution in units: planned, packed of that, and what is short, by name ("M", "Soap").

    What is packed beyond a line's plan is `extra`: too many of one size do not make up for too few of another.
    A name is empty where a page shows only how much is short.
    """

    has_list: bool
    planned: int
    packed: int
    short: Sequence[tuple[int, str]] = ()
    extra: int = 0

    @property
    def missing(self) -> int:
        """Return how many units stock cannot meet."""
        return sum(count for count, _name in self.short)


def crew(view: CrewView, state: str, named: Callable[[CrewLine], str]) -> Standing:
    """Say how the crew stands. `named` gives a shift's role in the reader's language."""
    if state == DistributionState.CANCELLED:
        return Standing(Kind.PLAIN, msg("Stood down"))
    if not view.lines:
        return Standing(Kind.PLAIN, msg("No shifts yet") if state in BEFORE_OUT else msg("No shifts"))
    if state not in BEFORE_OUT:
        return Standing(Kind.PLAIN, nmsg("%(num)d person", "%(num)d people", view.filled))
    if not view.short and view.lacking:
        return Standing(
            Kind.WARN, nmsg("%(num)d experienced person short", "%(num)d experienced people short", view.lacking)
        )
    if not view.short:
        return Standing(Kind.OK, msg("Complete") if view.filled >= view.maximum else msg("Enough"))
    short: Counter[str] = Counter()
    for line in view.lines:
        short[named(line)] += line.short
    return _short([(count, name) for name, count in short.items() if count], Kind.WARN)


def goods(seen: Goods, state: str) -> Standing:
    """Say how the goods stand."""
    if state == DistributionState.CANCELLED:
        return Standing(Kind.PLAIN, msg("Back in their boxes") if seen.has_list else msg("None"))
    if not seen.has_list:
        return Standing(Kind.PLAIN, msg("No packing list yet") if state in BEFORE_OUT else msg("Nothing taken"))
    if state not in BEFORE_OUT:
        return Standing(Kind.PLAIN, _gone(state))
    if not (seen.planned or seen.extra):
        return Standing(Kind.PLAIN, msg("Nothing on the list yet"))
    if seen.missing:
        return _short(seen.short, Kind.WARN)
    return Standing(Kind.OK, msg("All packed") if seen.packed >= seen.planned else msg("Enough"))


@dataclass(frozen=True)
class FundLeft:
    """What a fund that paid for a distribution still holds in one currency: `left` in minor units, `shown` to read."""

    fund: Name
    left: int
    shown: str  # of what it holds, or lacks, without a sign


def money(costs: Mapping[str, int], funds: Sequence[FundLeft], state: str) -> Standing:
    """Say how the money stands: `costs` is what was spent on it, by currency, out of `funds`.

    The books let no fund spend more than it was given, so what is recorded is covered. But until the distribution is
    over more may have to be paid, and an empty fund pays nothing; and a gift taken back may leave a fund below zero.
    """
    if not costs:
        return Standing(Kind.PLAIN, msg("No costs yet"))
    lowest = min(funds, key=lambda each: each.left, default=None)
    if lowest is not None and lowest.left < 0:
        return Standing(Kind.WARN, msg("%(what)s: %(num)s short", what=lowest.fund, num=lowest.shown))
    if lowest is not None and not lowest.left and state not in FINISHED:
        return Standing(Kind.WARN, msg("%(fund)s: nothing left", fund=lowest.fund))
    return Standing(Kind.OK, msg("Covered"))


def _gone(state: str) -> Message:
    words: dict[str, Message] = {
        DistributionState.OUT: msg("On the van"),
        DistributionState.RETURNED: msg("Being counted"),
        DistributionState.CLOSED: msg("Counted"),
    }
    return words[state]


def _short(short: Sequence[tuple[int, str]], kind: Kind) -> Standing:
    """Say "12 short" and name the largest of what is missing; one thing alone is named in the word itself."""
    total = sum(count for count, _name in short)
    if len(short) == 1 and short[0][1]:
        return Standing(kind, msg("%(what)s: %(num)s short", num=total, what=short[0][1]))
    largest = sorted((one for one in short if one[1]), key=lambda one: (-one[0], one[1]))
    why = ", ".join(f"{count} × {name}" for count, name in largest[:NAMED])
    return Standing(kind, nmsg("%(num)d short", "%(num)d short", total), why + (" …" if len(largest) > NAMED else ""))


class Step(StrEnum):
    """What a distribution waits for."""

    LIST = "packing-list"
    PICK = "pick"
    DISPATCH = "dispatch"
    RETURN = "return"
    CLOSE = "close"


def next_step(state: str, seen: Goods, *, left_to_pick: bool, on_the_van: bool) -> Step | None:
    """Return the one next step of a distribution; none when it is closed or called off."""
    if state == DistributionState.PLANNED:
        return Step.PICK if seen.planned else Step.LIST
    if state == DistributionState.PACKING:
        return Step.PICK if left_to_pick else Step.DISPATCH
    if state == DistributionState.OUT:
        return Step.RETURN
    if state == DistributionState.RETURNED:
        return Step.RETURN if on_the_van else Step.CLOSE
    return None
