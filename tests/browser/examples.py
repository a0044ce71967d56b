"""For every address that opens with GET, one example or more, made from the demo's data."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import desc, func, select
from sqlalchemy.orm import Session

from logistics.clock import now
from logistics.commands import command
from logistics.db import db
from logistics.demo.content import BOXES_FILE, PRODUCTS_FILE
from logistics.distributions.models import Distribution, DistributionState, Site, SiteKind
from logistics.errors import Conflict
from logistics.giving.models import Fund, Gift, GiftState
from logistics.outbox import unsubscribing as unsubscribing_tokens
from logistics.people import agreements, links, privacy
from logistics.people.access import Permission, permissions
from logistics.people.models import AgeGroup, LinkPurpose, Person, PrivacyNotice
from logistics.people.qualification_models import AgreementKind, Qualification
from logistics.shifts.day import codes, leads
from logistics.shifts.group_models import Convoy
from logistics.shifts.groups import convoys, stays
from logistics.shifts.models import Role, Shift, SignUp, SignUpState
from logistics.shifts.pattern_models import Pattern, PatternLine
from logistics.shifts.views.convoys import link_token
from logistics.stock import uploads
from logistics.stock.arriving.models import Delivery, DeliveryState, DropOff
from logistics.stock.counts.models import StockTake, StockTakeState
from logistics.stock.kits.models import KitBox, KitRecipe
from logistics.stock.labelling import blanks
from logistics.stock.labelling.models import Label
from logistics.stock.models import Box, ImportKind, Level, Location, LocationKind, Movement, Product, Size
from logistics.stock.purchases.models import Purchase
from logistics.stock.transfers.models import Transfer, TransferLine, TransferState


@dataclass(frozen=True)
class Example:
    """An address, what the browser's session must hold for it to open, and the answer it gives."""

    path: str
    session: dict[str, Any] = field(default_factory=dict)
    status: int = 200


Maker = Callable[[Person | None], Example]


def at(path: str, status: int = 200) -> Maker:
    """An address that needs nothing but itself."""
    return lambda _person: Example(path, status=status)


def with_id(path: str, query: Any) -> Maker:
    """An address with the first thing in it that a query finds. Data that the demo lacks is a mistake in the demo."""

    def make(_person: Person | None) -> Example:
        found = db.session.scalar(query.limit(1))
        assert found is not None, f"nothing for {path}: {query}"
        return Example(path.format(found))

    return make


def distribution(path: str, *states: DistributionState) -> Maker:
    return with_id(path, select(Distribution.id).where(Distribution.state.in_(states)).order_by(Distribution.id))


def delivery(*states: DeliveryState) -> Maker:
    return with_id("/stock/deliveries/{}", select(Delivery.id).where(Delivery.state.in_(states)).order_by(Delivery.id))


def stock_take(path: str, state: StockTakeState) -> Maker:
    return with_id(path, select(StockTake.id).where(StockTake.state == state).order_by(StockTake.id))


def transfer(path: str, state: TransferState) -> Maker:
    return with_id(path, select(Transfer.id).where(Transfer.state == state).order_by(Transfer.id))


def transfer_line(path: str) -> Maker:
    """A page of a line of the transfer that is on the way."""

    def make(_person: Person | None) -> Example:
        line = db.session.scalars(
            select(TransferLine)
            .join(Transfer, Transfer.id == TransferLine.transfer_id)
            .where(Transfer.state == TransferState.ON_THE_WAY, TransferLine.left > 0)
            .order_by(TransferLine.id)
            .limit(1)
        ).one()
        return Example(path.format(line.transfer_id, line.id))

    return make


def mailed_link(path: str, purpose: LinkPurpose) -> Maker:
    return lambda _person: Example(path.format(make_link(purpose=purpose)))


@command
def make_link(session: Session, *, purpose: LinkPurpose) -> str:
    person_id = session.scalar(select(Person.id).where(Person.email == "volunteer@example.org"))
    assert person_id is not None
    return links.make_link(session, person_id, purpose)


def half_signed_in(_person: Person | None) -> Example:
    """The page that asks for the authenticator's code, after the right password."""
    token = db.session.scalar(select(Person.session_token).where(Person.email == "admin@example.org"))
    return Example("/sign-in/code", {"half_in": [token, int(now().timestamp())]})


def a_spreadsheet(page: str) -> Maker:
    """A spreadsheet whose columns, and then values, are to be matched; each account sees its own."""

    def make(person: Person | None) -> Example:
        assert person is not None
        person_id, roles = person.id, person.roles
        warehouse_id = db.session.scalar(select(Site.id).where(Site.kind == SiteKind.WAREHOUSE))
        content = b"Nummer;Sache;Wer;Anzahl\n1;Sleping bags;;5\n2;Lanterns;Herren;7\n"
        kept = uploads.keep(
            actor_id=person_id, kind="boxes", content=content, warehouse_id=warehouse_id, filename="b.csv", mapped=True
        )
        columns = {"code": 0, "product": 1, "gender": 2, "quantity": 3}
        uploads.map_columns(actor_id=person_id, upload_id=kept, columns=columns, name="Barn")
        allowed = any(Permission.MOVE_STOCK in permissions(frozenset([role])) for role in roles)
        return Example(f"/stock/import/{kept}/{page}", status=200 if allowed else 403)

    return make


def upload(kind: ImportKind) -> Maker:
    """A file waiting to be imported; each account sees its own."""

    def make(person: Person | None) -> Example:
        assert person is not None
        person_id, warehouse_id, roles = person.id, None, person.roles
        file = PRODUCTS_FILE
        if kind == ImportKind.BOXES:
            file, warehouse_id = BOXES_FILE, db.session.scalar(select(Site.id).where(Site.kind == SiteKind.WAREHOUSE))
        kept = uploads.keep(actor_id=person_id, kind=kind, content=file.read_bytes(), warehouse_id=warehouse_id)
        allowed = kind == ImportKind.BOXES or Permission.MANAGE_SETUP in permissions(roles)
        return Example(f"/stock/import/{kept}", status=200 if allowed else 403)

    return make


def old_notice(person: Person | None) -> Example:
    assert person is not None
    person_id, current = person.id, privacy.newest(db.session, "en")
    shown = current.version if current else 0
    privacy.publish(actor_id=person_id, language="en", text="# What we keep\n\nLittle.\n\n- Your name", shown=shown)
    return Example(f"/admin/privacy/{db.session.scalar(select(func.max(PrivacyNotice.id)))}")


def unsubscribing(_person: Person | None) -> Example:
    key = current_app.extensions["shoreline_settings"].secret_key
    person_id = db.session.scalar(select(Person.id).where(Person.email == "volunteer@example.org")) or 0
    return Example(f"/unsubscribe/{unsubscribing_tokens.make_token(key, person_id, 'reminders')}")


def old_agreement(person: Person | None) -> Example:
    """A version of the insurance's text; the first to look publishes one."""
    assert person is not None
    person_id, shown = person.id, agreements.newest_version(db.session, AgreementKind.INSURANCE)
    if shown is None:
        texts = {"en": "# Cover\n\nAll of you.\n\n- Drive sober", "fr": "# Assurance\n\nVous tous."}
        shown = agreements.publish(actor_id=person_id, kind="insurance", texts=texts, shown=0)
    return Example(f"/admin/agreements/insurance/{shown}")


def for_those_who_run(path: str, query: Any) -> Maker:
    """A page about the first thing that a query finds, for its lead and those who run distributions."""

    def make(person: Person | None) -> Example:
        runs = person is not None and Permission.RUN_DISTRIBUTIONS in permissions(person.roles)
        return Example(path.format(db.session.scalar(query.limit(1))), status=200 if runs else 403)

    return make


def emergency_contacts(person: Person | None) -> Example:
    """Of a shift that is on, or nearly: for coordinators and its lead only, and around the shift only."""
    coordinates = person is not None and Permission.PLAN_SHIFTS in permissions(person.roles)
    near = timedelta(hours=11)
    query = select(Shift.id).where(Shift.starts_at < now() + near, Shift.ends_at > now() - near)
    shift_id = db.session.scalar(query.where(NOT_LED).order_by(Shift.id).limit(1))
    if shift_id is None:  # no shift of the demo's is near, in the middle of the night
        return Example(f"/shifts/{db.session.scalar(PAST_SHIFT.limit(1))}/contacts", status=409 if coordinates else 403)
    return Example(f"/shifts/{shift_id}/contacts", status=200 if coordinates else 403)


def someone_on_it(_person: Person | None) -> Example:
    """Taking someone off a shift to come."""
    query = select(SignUp).join(SignUp.shift).where(Shift.starts_at > now(), SignUp.state == SignUpState.CONFIRMED)
    found = db.session.scalars(query.order_by(SignUp.id).limit(1)).one()
    return Example(f"/shifts/{found.shift_id}/crew/{found.person_id}/remove")


def a_line(_person: Person | None) -> Example:
    """A line of a pattern."""
    found = db.session.scalars(select(PatternLine).order_by(PatternLine.id).limit(1)).one()
    return Example(f"/shifts/patterns/{found.pattern_id}/lines/{found.id}/edit")


def over_two_weeks(_person: Person | None) -> Example:
    """What a pattern would make on the working days of two weeks."""
    today = now().date()
    first, last = today + timedelta(days=1), today + timedelta(days=14)
    return Example(f"/shifts/patterns/{db.session.scalar(A_PATTERN)}/days?first={first}&last={last}&on=01234")


A_PATTERN = select(func.min(Pattern.id))


def of_my_stay(path: str) -> Maker:
    """A page of a stay of one's own; the first to look makes one."""

    def make(person: Person | None) -> Example:
        assert person is not None
        person_id, today = person.id, now().date()
        days = {"arrives_on": today, "leaves_on": today + timedelta(days=9)}
        found = stays.ahead(db.session, person_id, today)
        number = found[0].id if found else stays.begin(actor_id=person_id, role_ids=[], today=today, **days)
        return Example(path.format(number, **days))

    return make


def of_my_convoy(path: str) -> Maker:
    """A page of a convoy of one's own, which holds places."""

    def make(person: Person | None) -> Example:
        assert person is not None
        return Example(path.format(make_convoy(person.id)))

    return make


def joining(person: Person | None) -> Example:
    """The link of a convoy; its leader is led to its own page, so it is of somebody else's."""
    other = select(Person.id).where(Person.id != (person.id if person else 0)).order_by(Person.id.desc())
    convoy = db.session.get_one(Convoy, make_convoy(db.session.scalars(other.limit(1)).one()))
    return Example(f"/join/{link_token(convoy)}")


def make_convoy(leader_id: int) -> int:
    """Make a convoy of three and hold two places on a shift, if there is one with as many; return its id."""
    number = convoys.make(actor_id=leader_id, name="Ghent, May", size=3, lapse_hours=48, seats=2)
    roomy = select(Shift.id).where(
        Shift.starts_at > now() + timedelta(days=3), Shift.filled < Shift.maximum - 2, Shift.cancelled_at.is_(None)
    )
    for shift_id in db.session.scalars(roomy.order_by(Shift.id).limit(1)).all():
        with suppress(Conflict):
            convoys.hold(actor_id=leader_id, convoy_id=number, shift_ids=[shift_id], count=2)
    return number


def of_crew(path: str, query: Any) -> Maker:
    """A page of a shift, or of a distribution's crew, for those who write down who came: staff, and its lead."""

    def make(person: Person | None) -> Example:
        assert person is not None
        person_id, found = person.id, db.session.scalar(query.limit(1))
        assert found is not None
        return Example(path.format(found), status=200 if leads.is_staff(db.session, person_id) else 403)

    return make


def scanned_wall(_person: Person | None) -> Example:
    site_id, actor_id = db.session.scalars(WAREHOUSE).one(), db.session.scalars(A_PERSON).one()
    codes.make_for_wall(actor_id=actor_id, site_id=site_id)
    return Example(f"/here/{db.session.get_one(Site, site_id).wall_key}")


def scanned_shift(_person: Person | None) -> Example:
    coordinator = select(Person.id).where(Person.email == "coordinator@example.org")
    actor_id, shift_id = db.session.scalars(coordinator).one(), db.session.scalars(COMING_SHIFT.limit(1)).one()
    codes.make_for_shift(actor_id=actor_id, shift_id=shift_id)
    return Example(f"/check-in/{db.session.get_one(Shift, shift_id).check_in_key}")


def a_blank_label(_person: Person | None) -> Example:
    """A label that is on no box yet."""
    blanks.make_blanks(actor_id=None, count=1)
    return Example(f"/b/{db.session.scalars(select(Label.code).where(Label.box_id.is_(None)).limit(1)).one()}")


def kits_apart(_person: Person | None) -> Example:
    """Taking kits of a box apart, the first that were put together."""
    found = db.session.execute(
        select(KitRecipe.product_id, Box.code, Level.location_id)
        .join(KitBox, KitBox.recipe_id == KitRecipe.id)
        .join(Box, Box.id == KitBox.box_id)
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .where(Location.kind == LocationKind.SHELF, Level.quantity > 0)
        .limit(1)
    ).one()
    return Example("/stock/kits/{}/take-apart?box={}&shelf={}".format(*found))


A_KIT = select(func.min(KitRecipe.product_id))
WAREHOUSE = select(Site.id).where(Site.kind == SiteKind.WAREHOUSE).order_by(Site.id).limit(1)
NOT_LED = Shift.lead_id.is_(None) & Shift.cancelled_at.is_(None)
MEETING_POINT = select(Site.id).where(Site.kind == SiteKind.MEETING_POINT)
COMING_SHIFT = (
    select(Shift.id)
    .join(SignUp, SignUp.shift_id == Shift.id)
    .where(Shift.starts_at > now() + timedelta(hours=1), Shift.cancelled_at.is_(None))
    .order_by(Shift.distribution_id.is_(None), Shift.id)
)
SHORT_SHIFT = select(Shift.id).where(
    Shift.starts_at > now() + timedelta(hours=1), Shift.cancelled_at.is_(None), Shift.filled < Shift.minimum
)
PATTERNED_SHIFT = (
    select(Shift.id).where(Shift.pattern_line_id.is_not(None), Shift.starts_at > now()).order_by(Shift.starts_at)
)
PAST_SHIFT = select(Shift.id).where(Shift.ends_at < now()).order_by(Shift.id.desc())
VAN = select(Shift.distribution_id).where(NOT_LED, Shift.distribution_id.is_not(None)).order_by(Shift.id)
SHELF = select(Location.id).where(Location.kind == LocationKind.SHELF).order_by(Location.id)
BUSIEST_BOX = (
    select(Box.code).join(Movement, Movement.box_id == Box.id).group_by(Box.id).order_by(desc(func.count()), Box.id)
)
STOCKED_PRODUCT = select(Product.id).join(Size, Size.product_id == Product.id).join(Box, Box.size_id == Size.id)
PAID_GIFT = select(Gift.reference).where(Gift.state == GiftState.PAID).order_by(Gift.id)
A_POINT = select(DropOff.id).order_by(DropOff.id)
A_SLUG = select(DropOff.slug).order_by(DropOff.id)
A_PERSON = select(Person.id).where(Person.email == "volunteer@example.org")
PLANNED, PACKING, OUT = DistributionState.PLANNED, DistributionState.PACKING, DistributionState.OUT
BACK = DistributionState.RETURNED

# One line for each endpoint; a list where a page looks different in different states.
EXAMPLES: dict[str, Maker | list[Maker]] = {
    "web.health": at("/health"),
    "web.language": at("/language/en"),
    "people.sign_in": at("/sign-in?next=/my"),
    "people.sign_in_code": half_signed_in,
    "people.sign_out_page": at("/sign-out"),
    "people.register": at("/register"),
    "people.registered": at("/register/sent"),
    "people.confirm_page": [
        mailed_link("/register/confirm/{}", LinkPurpose.CONFIRM_EMAIL),
        at("/register/confirm/spent", 404),
    ],
    "people.ask_reset": at("/reset"),
    "people.reset_sent": at("/reset/sent"),
    "people.reset_page": [mailed_link("/reset/{}", LinkPurpose.RESET_PASSWORD), at("/reset/spent", 404)],
    "people.privacy": at("/privacy"),
    "people.account": at("/my"),
    "people.messages": at("/my/messages"),
    "people.unsubscribe_page": [unsubscribing, at("/unsubscribe/not-ours", 404)],
    "people.password_page": at("/my/password"),
    "people.details": at("/my/details"),
    "people.my_agreements": at("/my/agreements"),
    "people.list_agreements": at("/admin/agreements"),
    "people.edit_agreement": [at("/admin/agreements/conduct"), at("/admin/agreements/none", 404)],
    "people.agreement_version": [old_agreement, at("/admin/agreements/insurance/99", 404)],
    "people.who_agreed": [at("/admin/agreements/conduct/people"), at("/admin/agreements/conduct/people?q=no-such")],
    "people.list_qualifications": [at("/admin/qualifications"), at("/admin/qualifications?q=nothing-like-it")],
    "people.new_qualification": at("/admin/qualifications/new"),
    "people.edit_qualification": with_id("/admin/qualifications/{}/edit", select(Qualification.id)),
    "people.volunteers_waiting": [at("/volunteers/waiting"), at("/volunteers/waiting?q=nothing-like-it")],
    "people.volunteer_qualifications": [
        with_id("/volunteers/{}/qualifications", A_PERSON),
        with_id("/volunteers/{}/qualifications", select(Person.id).where(Person.age_group == AgeGroup.MINOR)),
    ],
    "people.confirm_qualification": with_id("/volunteers/1/qualifications/{}", select(Qualification.id)),
    "people.authenticator": at("/my/authenticator"),
    "people.change_authenticator_page": at("/my/authenticator/change"),
    "people.people": [at("/admin/people"), at("/admin/people?q=nobody-of-this-name")],
    "people.invite": at("/admin/people/invite"),
    "people.person": with_id("/admin/people/{}", A_PERSON),
    "people.audit_log": at("/admin/audit"),
    "people.edit_privacy": at("/admin/privacy"),
    "people.privacy_version": old_notice,
    "setup.index": at("/admin"),
    "operations.my_data": at("/my/data"),
    "operations.download_data": at("/my/data.zip"),
    "operations.delete_account": at("/my/data/delete"),
    "operations.index": [at("/distributions"), at("/distributions?q=nothing-like-it"), at("/distributions?show=all")],
    "distributions.new": at("/distributions/new"),
    "distributions.list_sites": at("/admin/sites"),
    "distributions.new_site": at("/admin/sites/new"),
    "distributions.edit_site": with_id("/admin/sites/{}/edit", MEETING_POINT),
    "operations.show": [distribution("/distributions/{}", state) for state in DistributionState],
    "operations.came_from": distribution("/distributions/{}/came-from.csv", DistributionState.CLOSED),
    "operations.purchases": [
        at("/purchases"),
        at("/purchases?show=all"),
        at("/purchases?show=all&q=nothing-like-it"),
    ],
    "operations.new_purchase": at("/purchases/new"),
    "operations.purchase": [
        with_id("/purchases/{}", select(func.max(Purchase.id))),
        with_id("/purchases/{}", select(func.min(Purchase.id))),
    ],
    "operations.purchase_of_spend": with_id("/purchases/of-spend/{}", select(func.min(Purchase.spend_id))),
    "operations.history": distribution("/distributions/{}/history", DistributionState.CLOSED),
    "operations.edit": distribution("/distributions/{}/edit", PLANNED),
    "operations.packing_list": [distribution("/distributions/{}/packing-list", state) for state in (PLANNED, PACKING)],
    "operations.pick": [distribution("/distributions/{}/pick", state) for state in (PLANNED, PACKING)],
    "operations.ask_dispatch": distribution("/distributions/{}/dispatch", PACKING),
    "operations.come_back": [distribution("/distributions/{}/return", state) for state in (OUT, BACK)],
    "operations.ask_close": distribution("/distributions/{}/close", BACK),
    "operations.cancel": distribution("/distributions/{}/cancel", PLANNED),
    "shifts.index": [
        at("/shifts?per_page=100"),
        at("/shifts?role=1&day=2031-01-01"),
        at("/shifts?view=week"),
        at("/shifts?view=month"),
    ],
    "shifts.accept": with_id("/shifts/{}/accept", COMING_SHIFT),
    "shifts.show": [with_id("/shifts/{}", COMING_SHIFT), with_id("/shifts/{}", PAST_SHIFT)],
    "shifts.mine": at("/my/shifts"),
    "shifts.board": [at("/board"), at("/board?screen=1"), at("/board?site=999999", 404)],
    "shifts.wall_code": with_id("/board/wall-code/{}", WAREHOUSE),
    "shifts.here_page": [scanned_wall, at("/here/never-was", 404)],
    "shifts.check_in_page": [scanned_shift, at("/check-in/never-was", 404)],
    "shifts.attendance_page": [
        of_crew("/shifts/{}/attendance", COMING_SHIFT.where(NOT_LED)),
        of_crew("/shifts/{}/attendance", PAST_SHIFT.where(NOT_LED)),
    ],
    "shifts.shift_code": of_crew("/shifts/{}/check-in-code", COMING_SHIFT.where(NOT_LED)),
    "shifts.head_count": of_crew("/distributions/{}/head-count", VAN),
    "shifts.day_rota": [at("/rota"), at("/rota?day=2031-01-01")],
    "shifts.distribution_rota": distribution("/distributions/{}/rota", PLANNED),
    "shifts.list_messages": [
        at("/messages"),
        at("/messages?state=failed"),
        with_id("/messages?shift={}", COMING_SHIFT),
    ],
    "shifts.calendar_address": at("/my/calendar"),
    "shifts.calendar_feed": at("/my/calendar/not-ours.ics", 404),
    "shifts.stay": [at("/my/stay"), of_my_stay("/my/stay?stay={0}")],
    "shifts.new_stay": at("/my/stay/new"),
    "shifts.change_stay": [
        of_my_stay("/my/stay/{0}/change"),
        of_my_stay("/my/stay/{0}/change?arrives_on={arrives_on}&leaves_on={leaves_on}"),
    ],
    "shifts.call_off_stay": of_my_stay("/my/stay/{0}/cancel"),
    "shifts.convoy_list": at("/convoys"),
    "shifts.new_convoy": at("/convoys/new"),
    "shifts.convoy": of_my_convoy("/convoys/{}"),
    "shifts.hold_places": [of_my_convoy("/convoys/{}/hold"), of_my_convoy("/convoys/{}/hold?day=2099-01-01")],
    "shifts.join_page": [joining, at("/join/never-was", 404)],
    "shifts.new": at("/shifts/new"),
    "shifts.my_hours": at("/my/hours"),
    "shifts.letter_file": at("/my/letters/none.pdf", 404),
    "shifts.find_letter": at("/letters"),
    "shifts.letter_certificate": at("/letters/certificate.cer"),
    "shifts.check_letter": at("/letters/never-issued", 404),
    "shifts.shift_hours": with_id("/shifts/{}/hours", PAST_SHIFT),
    "shifts.list_volunteers": [at("/volunteers"), at("/volunteers?q=nobody-of-this-name")],
    "shifts.volunteer": with_id("/volunteers/{}", A_PERSON),
    "shifts.volunteer_figures": at("/volunteers/figures"),
    "shifts.all_hours": [at("/volunteers/hours"), at("/volunteers/hours?from=2001-01-01&to=2001-02-01")],
    "shifts.edit": [with_id("/shifts/{}/edit", COMING_SHIFT), with_id("/shifts/{}/edit", PATTERNED_SHIFT)],
    "shifts.crew": [with_id("/shifts/{}/crew", COMING_SHIFT), with_id("/shifts/{}/crew?q=a", COMING_SHIFT)],
    "shifts.remove_from_crew": someone_on_it,
    "shifts.call_out": [with_id("/shifts/{}/call-out", SHORT_SHIFT), with_id("/shifts/{}/call-out", PAST_SHIFT)],
    "shifts.list_patterns": [at("/shifts/patterns"), at("/shifts/patterns?q=nothing-like-it")],
    "shifts.new_pattern": [
        at("/shifts/patterns/new"),
        at("/shifts/patterns/new?day=2026-11-24"),
        distribution("/shifts/patterns/new?distribution={}", DistributionState.PLANNED),
    ],
    "shifts.choose_day": at("/shifts/patterns/from-a-day"),
    "shifts.show_pattern": with_id("/shifts/patterns/{}", A_PATTERN),
    "shifts.edit_pattern": with_id("/shifts/patterns/{}/edit", A_PATTERN),
    "shifts.new_line": with_id("/shifts/patterns/{}/lines/new", A_PATTERN),
    "shifts.edit_line": a_line,
    "shifts.choose_days": [with_id("/shifts/patterns/{}/days", A_PATTERN), over_two_weeks],
    "shifts.crew_plan": [
        distribution("/distributions/{}/crew-plan", DistributionState.PLANNED),
        distribution("/distributions/{}/crew-plan?of=pattern-1", DistributionState.PLANNED),
        distribution("/distributions/{}/crew-plan", DistributionState.CLOSED),
    ],
    "shifts.emergency_contacts": emergency_contacts,
    "shifts.on_the_day_page": for_those_who_run("/shifts/{}/on-the-day", COMING_SHIFT.where(NOT_LED)),
    "shifts.my_qualifications": at("/my/qualifications"),
    "shifts.declare_qualification": with_id("/my/qualifications/{}", select(Qualification.id)),
    "shifts.list_roles": at("/admin/roles"),
    "shifts.new_role": at("/admin/roles/new"),
    "shifts.edit_rules": at("/admin/shift-rules"),
    "shifts.edit_role": with_id("/admin/roles/{}/edit", select(Role.id)),
    "stock.stock": [at("/stock"), at("/stock?q=nothing-like-it")],
    "stock.boxes": [
        at("/stock/boxes"),
        at("/stock/boxes?q=nothing-like-it"),
        at("/stock/boxes?gender=Male&columns=code.product.quantity.moved"),
    ],
    "stock.box_filter": [at("/stock/boxes/filter"), at("/stock/boxes/filter?gender=Male&columns=code.note")],
    "stock.box": with_id("/stock/boxes/{}", BUSIEST_BOX),
    "stock.new_box": [at("/stock/boxes/new"), with_id("/stock/boxes/new?product={}", STOCKED_PRODUCT)],
    "stock.deliveries": [
        at("/stock/deliveries"),
        at("/stock/deliveries?show=waiting"),
        at("/stock/deliveries?show=all"),
        at("/stock/deliveries?q=nothing-like-it"),
    ],
    "stock.delivery": [delivery(state) for state in (DeliveryState.ANNOUNCED, DeliveryState.ARRIVED)],
    "stock.sorting_table": [
        at("/stock/sorting"),
        at("/stock/sorting?q=nothing-like-it"),
        with_id("/stock/sorting?product={}", STOCKED_PRODUCT),
    ],
    "stock.new_delivery": at("/stock/deliveries/new"),
    "stock.slots": [at("/stock/slots"), at("/stock/slots?past=1"), at("/stock/slots?point=999999", 404)],
    "stock.list_drop_offs": [at("/admin/drop-offs"), at("/admin/drop-offs?q=nothing-like-it")],
    "stock.new_drop_off": at("/admin/drop-offs/new"),
    "stock.edit_drop_off": with_id("/admin/drop-offs/{}/edit", A_POINT),
    "stock.label": [a_blank_label, at("/b/none", 404)],
    "stock.labels": [
        at("/stock/labels"),
        at("/stock/labels?of=list"),
        at("/stock/labels?from=9&to=1"),
        with_id("/stock/labels?code={}", BUSIEST_BOX),
    ],
    "stock.labels_pdf": with_id("/stock/labels.pdf?code={}&sheet=62x29", BUSIEST_BOX),
    "stock.scan": at("/stock/scan"),
    "stock.look": at("/stock/scan/look?code=none"),
    "stock.aisle": at("/stock/aisle"),
    "stock.aisle_worker": at("/sw.js"),
    "stock.aisle_manifest": at("/app.webmanifest"),
    "stock.aisle_me": at("/stock/aisle/me"),
    "stock.aisle_catalogue": with_id("/stock/aisle/catalogue?warehouse={}", WAREHOUSE),
    "stock.aisle_data": [with_id("/stock/aisle/data?warehouse={}", WAREHOUSE), at("/stock/aisle/data", 422)],
    "stock.movements": at("/stock/movements"),
    "stock.below_minimum": at("/stock/below"),
    "stock.targets": [at("/stock/targets"), at("/stock/targets?season=winter"), at("/stock/targets?q=nothing-like-it")],
    "stock.expiring": [at("/stock/expiring"), at("/stock/expiring?show=7"), at("/stock/expiring?q=nothing-like-it")],
    "stock.stock_as_of": [at("/stock/as-of"), at("/stock/as-of?day=2010-01-01")],
    "stock.stock_figures": [at("/stock/figures"), at("/stock/figures?category=nothing")],
    "stock.product_list": at("/stock/products"),
    "stock.product": with_id("/stock/products/{}", STOCKED_PRODUCT),
    "stock.ask_stand_in": [
        with_id("/stock/products/{}/stand-ins", STOCKED_PRODUCT),
        with_id("/stock/products/{}/stand-ins?by=1", STOCKED_PRODUCT),
    ],
    "stock.new_product": at("/stock/products/new"),
    "stock.change_product": with_id("/stock/products/{}/edit", STOCKED_PRODUCT),
    "stock.kit_list": [at("/stock/kits"), at("/stock/kits?q=nothing-like-it")],
    "stock.new_kit": at("/stock/kits/new"),
    "stock.kit": with_id("/stock/kits/{}", A_KIT),
    "stock.change_kit": with_id("/stock/kits/{}/edit", A_KIT),
    "stock.take_kits_apart": kits_apart,
    "stock.shelves": at("/stock/shelves"),
    "stock.shelf": with_id("/stock/shelves/{}", SHELF),
    "stock.stock_takes": [at("/stock/takes"), at("/stock/takes?warehouse=999999")],
    "stock.new_stock_take": [
        with_id("/stock/takes/new?shelf={}", SHELF),
        with_id("/stock/takes/new?product={}", STOCKED_PRODUCT),
    ],
    "stock.stock_take": [
        stock_take("/stock/takes/{}", state) for state in (StockTakeState.OPEN, StockTakeState.POSTED)
    ],
    "stock.review_stock_take": stock_take("/stock/takes/{}/review", StockTakeState.OPEN),
    "stock.trace_box": with_id("/stock/boxes/{}/trace", BUSIEST_BOX),
    "stock.transfers": [
        at("/stock/transfers"),
        at("/stock/transfers?state=cancelled"),
    ],
    "stock.new_transfer": [at("/stock/transfers/new"), with_id("/stock/transfers/new?box={}", BUSIEST_BOX)],
    "stock.transfer": [
        transfer("/stock/transfers/{}", state)
        for state in (TransferState.PREPARED, TransferState.ON_THE_WAY, TransferState.CLOSED)
    ],
    "stock.choose_for_transfer": [
        transfer("/stock/transfers/{}/choose", TransferState.PREPARED),
        transfer("/stock/transfers/{}/choose?q=nothing-like-it", TransferState.PREPARED),
    ],
    "stock.receive_transfer": transfer("/stock/transfers/{}/receive", TransferState.ON_THE_WAY),
    "stock.ask_missing": transfer_line("/stock/transfers/{}/lines/{}/missing"),
    "stock.ask_more": transfer_line("/stock/transfers/{}/lines/{}/more"),
    "stock.transfer_manifest": transfer("/stock/transfers/{}/manifest.pdf", TransferState.ON_THE_WAY),
    "stock.choose_boxes_file": at("/stock/import"),
    "stock.choose_products_file": at("/stock/import/products"),
    "stock.match_columns": a_spreadsheet("columns"),
    "stock.match_values": a_spreadsheet("values"),
    "stock.preview": [upload(ImportKind.BOXES), upload(ImportKind.PRODUCTS)],
    "giving.overview": at("/giving"),
    "giving.list_gifts": at("/giving/gifts"),
    "giving.show_gift": with_id("/giving/gifts/{}", PAID_GIFT),
    "giving.list_spends": at("/giving/spends"),
    "giving.new_spend": at("/giving/spends/new"),
    "giving.list_funds": at("/giving/funds"),
    "giving.new_fund": at("/giving/funds/new"),
    "giving.edit_fund": with_id("/giving/funds/{}/edit", select(Fund.id)),
    "giving.list_events": at("/giving/events"),
    "public.home": at("/"),
    "public.needs": at("/needs"),
    "public.needs_json": at("/needs.json"),
    "public.drop_off_list": at("/drop-off"),
    "public.drop_off": [with_id("/drop-off/{}", A_SLUG), at("/drop-off/never-was", 404)],
    "public.book": with_id("/drop-off/{}/book", A_SLUG),
    "public.my_delivery": [
        with_id("/delivery/{}", select(Delivery.reference).where(Delivery.slot_id.is_not(None)).order_by(Delivery.id)),
        at("/delivery/never-was", 404),
    ],
    "public.give": at("/give"),
    "public.thanks": [at("/give/thanks"), with_id("/give/thanks?gift={}", PAID_GIFT)],
}


def examples(endpoint: str, person: Person | None) -> list[Example]:
    """The examples of one endpoint, as this person may open them."""
    makers = EXAMPLES[endpoint]
    return [make(person) for make in (makers if isinstance(makers, list) else [makers])]
