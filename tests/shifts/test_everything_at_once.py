"""Whatever changes a shift or who is on it, at once: sixteen clients, few shifts, few people, and the end is exact.

Single bookings, stays, convoys, the waiting list and its offers, staff with and without an override, the worker, and
coordinators who move, resize and lay out shifts, one by one and in a series.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from logistics import verify
from logistics.audit import AuditLine
from logistics.clock import as_if, now
from logistics.db import db
from logistics.errors import DomainError
from logistics.shifts import places, signing, waiting
from logistics.shifts.group_models import Convoy
from logistics.shifts.groups import convoys, lapsing, riding, stays
from logistics.shifts.models import HOLDS_PLACES, Shift, SignUp, SignUpState
from logistics.shifts.plans import laying, patterns, planning, series, terms

from .. import make
from ..conftest import empty_tables
from ..racing import race
from .test_races import start_another_transaction

CLIENTS, DEEDS, ROUNDS = 16, 6, 4
MOST_ROUNDS = 20  # until each kind of deed has been done: which ones come through in a round is chance
SIZE = 3  # of each convoy
ZONE = ZoneInfo("Europe/Paris")
HALF_DAY = timedelta(hours=13)  # after which an offer made now has lapsed


class World:
    """Five shifts, three of one series and two that overlap some of these; six people, two of whom lead convoys."""

    def __init__(self) -> None:
        self.staff = make.person("coordinator").id
        self.people = [make.person().id for _ in range(6)]
        self.pattern = patterns.create(actor_id=self.staff, name="A day", name_fr="")
        line = patterns.Line(make.role().id, make.warehouse().id, 570, 180, 0, 3)
        patterns.add_line(actor_id=self.staff, pattern_id=self.pattern, line=line)
        first = now().astimezone(ZONE).date() + timedelta(days=6)
        self.days = [first + timedelta(days=number) for number in range(4)]
        laying.lay_over_days(actor_id=self.staff, pattern_id=self.pattern, days=self.days[:3], zone=ZONE)
        self.starts = list(db.session.scalars(select(Shift.starts_at).order_by(Shift.starts_at)))
        for start in self.starts[:2]:
            make.shift(starts_at=start + timedelta(hours=2), minimum=0, maximum=2)
        self.shifts = list(db.session.scalars(select(Shift.id).order_by(Shift.id)))
        self.convoys = {
            leader: convoys.make(actor_id=leader, name="Ghent", size=SIZE, lapse_hours=48) for leader in self.people[:2]
        }
        leader, convoy_id = next(iter(self.convoys.items()))
        convoys.hold(actor_id=leader, convoy_id=convoy_id, shift_ids=self.shifts[:3], count=SIZE)
        join(self.people[2], convoy_id)


Deed = Callable[[World, random.Random], Any]


def one_of(command: Any, **more: Callable[[random.Random], Any]) -> Deed:
    """What any of the people does to any of the shifts, with these values besides."""

    def deed(world: World, chance: random.Random) -> Any:
        values = {name: value(chance) for name, value in more.items()}
        return command(actor_id=chance.choice(world.people), shift_id=chance.choice(world.shifts), **values)

    return deed


def leading(command: Any, **more: Callable[[World, random.Random], Any]) -> Deed:
    """What the leader of a convoy does with it."""

    def deed(world: World, chance: random.Random) -> Any:
        leader, convoy_id = chance.choice(list(world.convoys.items()))
        values = {name: value(world, chance) for name, value in more.items()}
        return command(actor_id=leader, convoy_id=convoy_id, **values)

    return deed


def join(person_id: int, convoy_id: int) -> int:
    link = convoys.link_of(db.session.get_one(Convoy, convoy_id))
    db.session.rollback()
    return riding.join(actor_id=person_id, convoy_id=convoy_id, link=link)


def joins(world: World, chance: random.Random) -> Any:
    return join(chance.choice(world.people), chance.choice(list(world.convoys.values())))


def gives_back(world: World, chance: random.Random) -> Any:
    """A leader gives back a place without a name that they see on their convoy's page, if there is one."""
    theirs = select(SignUp).where(SignUp.person_id.in_(world.convoys), SignUp.convoy_id.is_not(None))
    unnamed = [(each.person_id, each.shift_id) for each in db.session.scalars(theirs) if each.unnamed]
    db.session.rollback()
    leader, shift_id = chance.choice(unnamed or [(world.people[0], world.shifts[0])])
    return convoys.give_back(actor_id=leader, convoy_id=world.convoys[leader], shift_id=shift_id, count=1)


def books_a_stay(world: World, chance: random.Random) -> Any:
    return stays.book(actor_id=chance.choice(world.people), shift_ids=chance.sample(world.shifts, 3))


def staff_adds(world: World, chance: random.Random) -> Any:
    shift_id, person_id, over = chance.choice(world.shifts), chance.choice(world.people), chance.random() < 0.4
    return signing.add_person(actor_id=world.staff, shift_id=shift_id, person_id=person_id, over=over)


def staff_removes(world: World, chance: random.Random) -> Any:
    shift_id, person_id = chance.choice(world.shifts), chance.choice(world.people)
    return signing.remove_person(actor_id=world.staff, shift_id=shift_id, person_id=person_id)


def changed(command: Any, of: slice, **more: Any) -> Deed:
    """What a coordinator makes of a shift as they saw it: another time, or another number of places."""

    def deed(world: World, chance: random.Random) -> Any:
        shift = db.session.get_one(Shift, chance.choice(world.shifts[of]))
        by = timedelta(hours=chance.choice([-1, 0, 0, 1]))
        new = {"starts_at": shift.starts_at + by, "ends_at": shift.ends_at + by, "maximum": chance.randint(1, 4)}
        values = {"shift_id": shift.id, "version": shift.version, **vars(terms.terms_of(shift)), **new}
        db.session.rollback()
        return command(actor_id=world.staff, **values, **more)

    return deed


def lays_out(world: World, _chance: random.Random) -> Any:
    return laying.lay_over_days(actor_id=world.staff, pattern_id=world.pattern, days=world.days, zone=ZONE)


def offers_lapse(_world: World, _chance: random.Random) -> Any:
    with as_if(now() + HALF_DAY):
        return waiting.lapse_due(20)


def unnamed_places_lapse(world: World, chance: random.Random) -> Any:
    with as_if(chance.choice(world.starts) - timedelta(hours=chance.choice([60, 40]))):
        return lapsing.due(20)


def a_shift(world: World, chance: random.Random) -> int:
    return chance.choice(world.shifts)


def a_count(_world: World, chance: random.Random) -> int:
    return chance.randint(1, SIZE)


EVERYTHING: dict[str, Deed] = {
    "sign up": one_of(signing.sign_up),
    "cancel": one_of(signing.cancel, keep_others=lambda chance: chance.choice([True, False]), reason=lambda _: "Ill"),
    "wait": one_of(waiting.join),
    "accept": one_of(waiting.accept, instead=lambda chance: chance.random() < 0.7),
    "leave the line": one_of(waiting.leave),
    "book a stay": books_a_stay,
    "hold": leading(
        convoys.hold,
        shift_ids=lambda world, chance: chance.sample(world.shifts, 2),
        count=a_count,
        myself=lambda _world, chance: chance.random() < 0.6,
    ),
    "give back": gives_back,
    "wait together": leading(convoys.wait, shift_id=a_shift, count=a_count),
    "leave the convoy": leading(riding.leave, person_id=lambda world, chance: chance.choice(world.people)),
    "join": joins,
    "add": staff_adds,
    "remove": staff_removes,
    "change one": changed(planning.edit, slice(None)),
    "change all that follow": changed(series.edit_following, slice(3), zone=ZONE),
    "lay out": lays_out,
    "offers lapse": offers_lapse,
    "unnamed places lapse": unnamed_places_lapse,
}


def client(world: World, seed: int, names: Sequence[str]) -> list[tuple[str, Any]]:
    """Do some of what can be done, by chance; return what was done, and the answer or refusal."""
    chance, answers = random.Random(seed), []
    for name in chance.choices(names, k=DEEDS):
        try:
            answers.append((name, EVERYTHING[name](world, chance)))
        except DomainError as refusal:
            answers.append((name, refusal))
    return answers


def at_once(app: Flask, number: int, names: Sequence[str]) -> list[Any]:
    """Let all clients loose on a new world, and return what each of them has to say."""
    empty_tables(app)
    world = World()
    return race(app, *(partial(client, world, number * CLIENTS + each, names) for each in range(CLIENTS)))


def beyond_its_places() -> list[int]:
    """The shifts with more people (offers counted) than places and recorded overrides."""
    over = select(AuditLine.subject_id).where(AuditLine.action == "shift.person_added_beyond")
    let_in = Counter(map(int, db.session.scalars(over)))
    rows = db.session.execute(
        select(Shift.id, Shift.maximum, func.sum(SignUp.places))
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(SignUp.state.in_(HOLDS_PLACES))
        .group_by(Shift.id, Shift.maximum)
    )
    return [number for number, maximum, taken in rows if taken > maximum + let_in[number]]


def in_two_places() -> list[tuple[int, int, int]]:
    """Who is on two shifts at the same time, and which."""
    on = select(SignUp.person_id, Shift.id, Shift.starts_at, Shift.ends_at).join(SignUp.shift)
    rows = db.session.execute(on.where(SignUp.state == SignUpState.CONFIRMED)).all()
    return [
        (one.person_id, one.id, other.id)
        for one, other in combinations(rows, 2)
        if one.person_id == other.person_id and one.starts_at < other.ends_at and other.starts_at < one.ends_at
    ]


def test_everything_at_once_ends_exact(app: Flask) -> None:
    done: Counter[str] = Counter()
    for number in range(MOST_ROUNDS):
        if number >= ROUNDS and all(done[name] for name in EVERYTHING):
            break
        for answers in at_once(app, number, list(EVERYTHING)):
            assert isinstance(answers, list), answers  # a client ends by an exception that is no refusal
            for name, answer in answers:
                done[name] += not isinstance(answer, DomainError)
                if isinstance(answer, DomainError):
                    assert str(answer.message)
                    assert not isinstance(answer.__cause__, IntegrityError), (name, answer.__cause__)
        assert beyond_its_places() == []
        assert in_two_places() == []
        assert list(verify.problems(db.session)) == []
    assert [name for name in EVERYTHING if not done[name]] == []


def test_it_goes_wrong_without_the_conditional_update(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in `test_races`, who takes a place looks in one transaction and writes in the next."""

    def read_then_write(session: Session, shift_id: int, count: int = 1, seen: int | None = None) -> bool:
        filled, maximum = session.execute(select(Shift.filled, Shift.maximum).where(Shift.id == shift_id)).one()
        if filled >= maximum:
            return False
        start_another_transaction(session)
        session.execute(update(Shift).where(Shift.id == shift_id).values(filled=filled + 1))
        return True

    monkeypatch.setattr(places, "take", read_then_write)
    for number in range(20):
        at_once(app, number, ["sign up", "book a stay"])
        if any("places are taken, but" in problem for problem in verify.problems(db.session)):
            return
    raise AssertionError("places always added up")
