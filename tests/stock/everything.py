"""Whatever moves goods, by sixteen people at once, on five boxes: what each of them does, and what must come of it."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from flask import Flask
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from logistics import verify
from logistics.clock import now
from logistics.commands import Token
from logistics.db import db
from logistics.errors import DomainError
from logistics.stock import dividing, moving, packing, receiving, taking, undoing
from logistics.stock.aisle import doing
from logistics.stock.aisle.models import AisleAct, Kind
from logistics.stock.aisle.reading import Act
from logistics.stock.counting import correct, write_off
from logistics.stock.counts import counted, posting, reviewing, takes
from logistics.stock.kits import assembling, recipes
from logistics.stock.models import INSIDE, TRANSIT_ID, Box, Level, Location, LocationKind, Movement
from logistics.stock.transfers import arriving, preparing, sending
from logistics.stock.transfers.models import Transfer, TransferLine, TransferState
from logistics.stock.undoing import UNDONE_HERE

from .. import make
from ..racing import race
from . import kit

CLIENTS = 16
KIT = "kit"  # the label, here, of the one size of a kit
STARTED_WITH = {"S": (300, 200, 150), "M": (250, 150)}


class Place(NamedTuple):
    """So many of a box at a location; nothing of the first box where nothing is to be found."""

    code: str
    label: str
    location_id: int
    there: int


@dataclass
class World:
    """Two warehouses with three shelves, five boxes of two sizes, two distributions that are packed."""

    at: kit.Depot
    far: int
    far_shelf: int
    boxes: dict[str, str]
    distributions: list[int]
    people: list[int]
    kit: int
    recipe: int
    parts: dict[str, str] = field(default_factory=dict)  # what was split off since, or kits were taken apart into
    kits: dict[str, str] = field(default_factory=dict)

    @property
    def shelves(self) -> list[int]:
        return [self.at.shelf, self.at.other_shelf, self.far_shelf]

    def whose(self, warehouse_id: int) -> list[int]:
        """The shelves of a warehouse."""
        return self.shelves[:2] if warehouse_id == self.at.warehouse_id else self.shelves[2:]


Change = dict[str, int]  # how many more there are of which size in the house, by its label


class Answer(NamedTuple):
    """What somebody did, what that changed, or why it was refused."""

    deed: str
    change: Change
    refusal: DomainError | None = None


Deed = Callable[[World, random.Random], Change]


def new_world() -> World:
    at, soon = kit.depot(*STARTED_WITH), now() + timedelta(days=1)
    far = make.warehouse("Depot in Dunkirk")
    far_shelf, people = make.shelf(far, "Z1").id, [make.person("warehouse").id for _ in range(3)]
    number = recipes.make_kit(actor_id=at.actor_id, name="Snug pack", parts=[[at.sizes["S"], 2], [at.sizes["M"], 1]])
    db.session.rollback()
    recipe = recipes.kit(db.session, number)
    at.sizes[KIT] = recipe.size_id
    world = World(at, far.id, far_shelf, {}, [], people, number, recipe.recipe_id)
    for label, quantities in STARTED_WITH.items():
        for quantity in quantities:
            world.boxes[kit.receive(at, quantity, size=label)] = label
    world.distributions = [kit.distribution(at, soon + timedelta(days=number)) for number in range(2)]
    for each in world.distributions:
        kit.plan(at, each, 60, {"S": 2, "M": 1})
    return world


def somewhere(
    world: World, chance: random.Random, kind: LocationKind = LocationKind.SHELF, of: dict[str, str] | None = None
) -> Place:
    """Where goods are as somebody sees it on a page: of one of the five boxes, or at times of a part of one."""
    codes = of or (world.parts if world.parts and chance.random() < 0.2 else world.boxes)
    db.session.rollback()
    rows = db.session.execute(
        select(Box.code, Level.location_id, Level.quantity)
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .where(Box.code.in_(list(codes)), Location.kind == kind, Level.quantity > 0)
        .order_by(Box.id, Location.id)
    ).all()
    if not rows:
        return Place(*next(iter(world.boxes.items())), world.at.shelf, 0)
    code, location_id, there = chance.choice(rows)
    return Place(code, codes[code], location_id, there)


def some(chance: random.Random, there: int) -> int:
    """How many somebody wants of what they saw: mostly a few, at times all, or more than there are."""
    return chance.choice([chance.randint(1, 9)] * 8 + [max(1, there), there + 5])


def takes_out(world: World, chance: random.Random) -> Change:
    code, label, shelf, there = somewhere(world, chance)
    quantity = some(chance, there // 4)
    taking.take_out(actor_id=None, code=code, location_id=shelf, quantity=quantity)
    return {label: -quantity}


def puts_in(world: World, chance: random.Random) -> Change:
    code, quantity = chance.choice(list(world.boxes)), chance.randint(1, 20)
    receiving.receive_into(actor_id=None, code=code, quantity=quantity, location_id=chance.choice(world.shelves))
    return {world.boxes[code]: quantity}


def moves(world: World, chance: random.Random) -> Change:
    code, _label, shelf, there = somewhere(world, chance)
    goal = chance.choice([each for each in world.shelves if each != shelf])
    moving.move_box(actor_id=None, code=code, from_id=shelf, to_id=goal, quantity=some(chance, there))
    return {}


def splits(world: World, chance: random.Random) -> Change:
    code, label, shelf, there = somewhere(world, chance)
    goal, quantity = chance.choice(world.shelves), some(chance, there)
    part = dividing.split_box(actor_id=None, code=code, from_id=shelf, to_id=goal, quantity=quantity)
    world.parts = {**world.parts, part: label}
    return {}


def merges(world: World, chance: random.Random) -> Change:
    code, label, shelf, there = somewhere(world, chance)
    into = chance.choice([each for each, size in world.boxes.items() if size == label and each != code])
    dividing.merge_boxes(actor_id=None, code=code, from_id=shelf, into=into, quantity=some(chance, there))
    return {}


def plans(world: World, chance: random.Random) -> Change:
    kit.plan(world.at, chance.choice(world.distributions), chance.randint(20, 300), {"S": 2, "M": 1})
    return {}


def packs(world: World, chance: random.Random) -> Change:
    code, label, shelf, there = somewhere(world, chance)
    made, size_id, quantity = chance.choice(world.distributions), world.at.sizes[label], some(chance, there)
    packing.pack(actor_id=None, distribution_id=made, size_id=size_id, code=code, from_id=shelf, quantity=quantity)
    return {}


def packs_all(world: World, chance: random.Random) -> Change:
    packing.pack_all(actor_id=None, distribution_id=chance.choice(world.distributions))
    return {}


def puts_back(world: World, chance: random.Random) -> Change:
    code, _label, van, there = somewhere(world, chance, LocationKind.VAN)
    db.session.rollback()
    made = db.session.get_one(Location, van).distribution_id or world.distributions[0]
    shelf, quantity = chance.choice(world.shelves[:2]), some(chance, there)
    packing.put_back(actor_id=None, distribution_id=made, code=code, to_id=shelf, quantity=quantity)
    return {}


def counts(world: World, chance: random.Random) -> Change:
    code, label, shelf, there = somewhere(world, chance)
    number = max(0, there + chance.choice([-4, -1, 0, 0, 1, 3]))
    correct(actor_id=None, code=code, location_id=shelf, seen=there, counted=number, reason="miscounted")
    return {label: number - there}


def adjusts(world: World, chance: random.Random) -> Change:
    code, label, shelf, there = somewhere(world, chance)
    quantity, reason = some(chance, there // 8), chance.choice(["damaged", "lost", "returned", "recycled"])
    write_off(actor_id=None, code=code, location_id=shelf, quantity=quantity, reason=reason)
    return {label: -quantity}


def takes_stock(world: World, chance: random.Random) -> Change:
    """One person counts one box in a stock-take of its own, and posts what differs."""
    code, label, shelf, there = somewhere(world, chance)
    db.session.rollback()
    site, person = db.session.get_one(Location, shelf).warehouse_id, chance.choice(world.people)
    take = takes.start(actor_id=person, scope="box", warehouse_id=site or 0, code=code)
    number = max(0, there + chance.choice([-2, 0, 2]))
    counted.count_box(actor_id=person, stock_take_id=take, code=code, location_id=shelf, counted=number)
    rows = reviewing.read(db.session, take)
    seen, chosen, more = reviewing.fingerprint(rows), {rows[0].key: {"reason": "miscounted"}}, rows[0].tallies[0].more
    posting.post(actor_id=person, stock_take_id=take, seen=seen, chosen=chosen)
    return {label: more}


def acts_in_the_aisle(world: World, chance: random.Random) -> Change:
    """A phone that was off sends what was done on it, and sends it again since the answer never came."""
    code, label, shelf, _there = somewhere(world, chance)
    person, key = chance.choice(world.people), f"aisle-{chance.getrandbits(60)}"
    kind, quantity = chance.choice([Kind.TAKE, Kind.PUT]), chance.randint(1, 6)
    made_at = now() - timedelta(seconds=chance.randint(0, 60))
    act = Act(kind, code, made_at, shelf_id=shelf, quantity=quantity, reason="given", source="donated")
    for _ in range(2):
        doing.once(db.session, actor_id=person, token=Token(f"person:{person}", key), act=act)
    more = quantity if kind == Kind.PUT else -quantity
    return {label: more + kit.counted_again(key)}


def undoes(world: World, chance: random.Random) -> Change:
    db.session.rollback()
    latest = (
        select(Movement)
        .where(Movement.reason.in_(UNDONE_HERE), Movement.transfer_line_id.is_(None))
        .order_by(Movement.id.desc())
        .limit(20)
    )
    return undone(world, chance.choice(db.session.scalars(latest).all()), undoing.undo)


def undone(world: World, movement: Movement, undo: Callable[..., object], **which: int) -> Change:
    """Undo an act by one of its movements: what it had brought in is gone then."""
    first, more = movement.group_id or movement.id, kit.brought(movement)
    undo(actor_id=None, movement_id=first, **which)
    return {label: -more[size_id] for label, size_id in world.at.sizes.items()}


def assembles(world: World, chance: random.Random) -> Change:
    quantity, shelf = chance.randint(1, 4), chance.choice(world.shelves)
    recipe = {"product_id": world.kit, "seen": world.recipe}
    code = assembling.assemble(actor_id=None, **recipe, location_id=shelf, quantity=quantity)
    world.kits = {**world.kits, code: KIT}
    return {"S": -2 * quantity, "M": -quantity, KIT: quantity}


def takes_apart(world: World, chance: random.Random) -> Change:
    code, _label, shelf, there = somewhere(world, chance, of=world.kits)
    goal, quantity = chance.choice(world.shelves), chance.randint(1, max(1, there))
    made = assembling.take_apart(actor_id=None, code=code, from_id=shelf, to_id=goal, quantity=quantity)
    world.parts = {**world.parts, **dict(zip(made, ("S", "M"), strict=True))}
    return {"S": 2 * quantity, "M": quantity, KIT: -quantity}


def sends(world: World, chance: random.Random) -> Change:
    code, _label, shelf, there = somewhere(world, chance)
    db.session.rollback()
    source = db.session.get_one(Location, shelf).warehouse_id or 0
    target = world.far if source == world.at.warehouse_id else world.at.warehouse_id
    transfer = preparing.prepare(actor_id=None, from_id=source, to_id=target, codes=[code])
    lines = db.session.scalars(select(TransferLine.id).where(TransferLine.transfer_id == transfer)).all()
    for line in lines:
        quantity = some(chance, there)
        preparing.change_line(actor_id=None, transfer_id=transfer, line_id=line, quantity=quantity)
    sending.send(actor_id=None, transfer_id=transfer)
    return {}


class Way(NamedTuple):
    """A line of a transfer that is on the way, as its page shows it."""

    transfer_id: int
    to_id: int
    line_id: int
    left: int
    label: str


def on_the_way(world: World, chance: random.Random) -> Way:
    db.session.rollback()
    rows = db.session.execute(
        select(Transfer.id, Transfer.to_id, TransferLine.id, TransferLine.left, Box.size_id)
        .join(TransferLine, TransferLine.transfer_id == Transfer.id)
        .join(Box, Box.id == TransferLine.box_id)
        .where(Transfer.state == TransferState.ON_THE_WAY, TransferLine.left > 0)
        .order_by(TransferLine.id)
    ).all()
    if not rows:
        return Way(1, world.far, 1, 0, "S")
    *numbers, size_id = chance.choice(rows)
    return Way(*numbers, {number: label for label, number in world.at.sizes.items()}[size_id])


def receives(world: World, chance: random.Random) -> Change:
    way = on_the_way(world, chance)
    arriving.receive(
        actor_id=None,
        transfer_id=way.transfer_id,
        shelf_id=chance.choice(world.whose(way.to_id)),
        arrived={str(way.line_id): {"arrived": chance.randint(1, max(1, way.left)), "seen": way.left}},
    )
    return {}


def explains(world: World, chance: random.Random) -> Change:
    way = on_the_way(world, chance)
    quantity = chance.randint(1, max(1, min(3, way.left)))
    which = {"transfer_id": way.transfer_id, "line_id": way.line_id, "seen": way.left}
    arriving.explain(actor_id=None, **which, quantity=quantity, reason="lost")
    return {way.label: -quantity}


def takes_back(world: World, chance: random.Random) -> Change:
    way = on_the_way(world, chance)
    sending.take_back(actor_id=None, transfer_id=way.transfer_id, line_id=way.line_id)
    return {}


def undoes_a_receipt(world: World, chance: random.Random) -> Change:
    """Also a difference, or goods that were taken back."""
    db.session.rollback()
    latest = (
        select(Movement, TransferLine.transfer_id)
        .join(TransferLine, TransferLine.id == Movement.transfer_line_id)
        .where(or_(Movement.from_id == TRANSIT_ID, Movement.to_id == TRANSIT_ID), Movement.reason != "sent")
        .order_by(Movement.id.desc())
        .limit(10)
    )
    rows = db.session.execute(latest).all()
    if not rows:
        return {}
    movement, transfer_id = chance.choice(rows)
    return undone(world, movement, arriving.undo, transfer_id=transfer_id)


EVERYTHING: dict[str, Deed] = {
    "take": takes_out,
    "put in": puts_in,
    "move": moves,
    "split": splits,
    "merge": merges,
    "plan": plans,
    "pack": packs,
    "pack all": packs_all,
    "put back": puts_back,
    "count": counts,
    "adjust": adjusts,
    "take stock": takes_stock,
    "act in the aisle": acts_in_the_aisle,
    "assemble": assembles,
    "take apart": takes_apart,
    "undo": undoes,
    "send": sends,
    "receive": receives,
    "explain": explains,
    "take back": takes_back,
    "undo a receipt": undoes_a_receipt,
}


def client(world: World, seed: int, number: int) -> list[Answer]:
    """Do some of what can be done, by chance; return what was done, or why not."""
    chance, answers = random.Random(seed), []
    for name in chance.choices(list(EVERYTHING), k=number):
        try:
            answers.append(Answer(name, EVERYTHING[name](world, chance)))
        except DomainError as refusal:
            answers.append(Answer(name, {}, refusal))
    return answers


def at_once(app: Flask, each: int, seed: int = 1) -> tuple[list[str], Counter[str]]:
    """Let all clients loose on a new world, to do so many things each; return what is wrong, and what was done."""
    world = new_world()
    inside, done = Counter({label: sum(quantities) for label, quantities in STARTED_WITH.items()}), Counter[str]()
    said: list[str] = []
    clients = [partial(client, world, seed * CLIENTS + number, each) for number in range(CLIENTS)]
    for answers in race(app, *clients):
        if isinstance(answers, Exception):
            said.append(f"ended in {type(answers).__name__}: {answers}")
            continue
        for answer in answers:
            said += [f"{answer.deed}: {why}" for why in unsaid(answer.refusal)]
            inside.update(answer.change)
            done[answer.deed] += answer.refusal is None
    return said + off(world, inside), done


def unsaid(refusal: DomainError | None) -> list[str]:
    """Whether a refusal is one that says nothing: an empty one, or a constraint that held where the code did not."""
    if refusal is None:
        return []
    return ["refused without a word"] * (not str(refusal.message)) + [
        f"refused by the database: {cause}" for cause in [refusal.__cause__] if isinstance(cause, IntegrityError)
    ]


def off(world: World, inside: Counter[str]) -> list[str]:
    """What does not hold in the end: goods that came from nowhere or are gone, and all that `flask verify` knows."""
    db.session.rollback()
    found = db.session.execute(
        select(Box.size_id, func.sum(Level.quantity))
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .where(Location.kind.in_(INSIDE))
        .group_by(Box.size_id)
    )
    there = {size_id: int(total) for size_id, total in found}
    said = [
        f"{there.get(world.at.sizes[label], 0)} of {label} are there, not {number}"
        for label, number in inside.items()
        if there.get(world.at.sizes[label], 0) != number
    ]
    below = (Location.kind.in_(INSIDE), Level.quantity < 0)
    if db.session.scalar(select(func.count()).select_from(Level).join(Location).where(*below)):
        said.append("a place is below zero")
    keys = select(AisleAct.person_id, AisleAct.key).group_by(AisleAct.person_id, AisleAct.key)
    if db.session.execute(keys.having(func.count() > 1)).first():
        said.append("an act of the aisle was done twice")
    said += verify.problems(db.session)
    db.session.rollback()
    return said


def a_little_of_everything(app: Flask) -> list[str]:
    """Some 200 of these deeds, to show that they go wrong without what guards them."""
    return at_once(app, 12)[0]
