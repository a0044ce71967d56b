"""What coordinators and those in line are told of convoys."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import transaction
from logistics.outbox.mail import compose
from logistics.shifts import signing, waiting
from logistics.shifts.groups import convoys
from logistics.shifts.models import Shift, SignUp

from ... import make
from .convoying import START, convoy, hold, mails, run_at, shifts


def test_coordinators_hear_at_once_of_places_given_back_when_a_shift_is_near(leader: int) -> None:
    coordinator = make.person("coordinator").id
    soon = [make.shift(starts_at=now() + timedelta(hours=5 + 4 * n), maximum=8).id for n in range(3)]
    far = make.shift(starts_at=START, maximum=8).id
    number = convoy(leader)
    hold(number, [*soon, far], 8)
    convoys.give_back(actor_id=leader, convoy_id=number, shift_id=far, count=1)
    convoys.give_back(actor_id=leader, convoy_id=number, shift_id=soon[0], count=7)
    signing.cancel(actor_id=leader, shift_id=soon[1], keep_others=True, reason="ill")
    signing.cancel(actor_id=leader, shift_id=soon[1])  # and then what was held, too
    convoys.end(actor_id=leader, convoy_id=number)
    found = sorted(mails("left_late"), key=lambda mail: mail.id)
    told = [(mail.person_id, mail.about, mail.params["party"]) for mail in found]
    assert told == [
        (coordinator, f"shift:{soon[0]}", 7),
        (coordinator, f"shift:{soon[1]}", 0),
        (coordinator, f"shift:{soon[1]}", 7),
        (coordinator, f"shift:{soon[2]}", 7),
    ]
    words = compose("left_late", "s@example.org", "en", found[0].params, message_id="<1@localhost>")
    assert "Lena Leader has just given back 7 places of a convoy" in words.get_body(("plain",)).get_content()


def test_coordinators_hear_of_places_that_lapse_when_a_shift_is_near(leader: int) -> None:
    coordinator = make.person("coordinator", language="fr").id
    near, ids = convoy(leader, lapse_hours=12), shifts(8, 8)  # people leave without a reason until 24 hours before
    hold(near, ids[:1], 8)
    hold(convoy(leader, lapse_hours=48), ids[1:], 8)
    run_at(START - timedelta(hours=30))
    assert run_at(START - timedelta(hours=11)) == 2  # the other shift is a day later, and so 35 hours away
    assert [mail.params["places"] for mail in mails("convoy_unnamed_lapsed")] == [7, 7]
    (told,) = mails("left_late")
    assert (told.person_id, told.language, told.about) == (coordinator, "fr", f"shift:{ids[0]}")
    assert (told.params["party"], told.params["lapsed"]) == (7, True)
    words = compose("left_late", "s@example.org", "en", told.params, message_id="<1@localhost>")
    for kind in ("plain", "html"):
        assert "7 places that Lena Leader held on this shift" in words.get_body((kind,)).get_content()


@pytest.mark.parametrize(
    ("count", "myself", "party", "given_up"),
    [(4, True, 6, True), (6, True, 6, False), (6, False, 6, False), (4, False, 1, True), (4, True, 1, False)],
)
def test_a_turn_in_line_that_is_given_up_for_fewer_places_is_said(
    leader: int, count: int, myself: bool, party: int, given_up: bool
) -> None:
    number, (only,) = convoy(leader), shifts(8)
    others = [make.person().id for _ in range(8)]
    for person in others:
        signing.sign_up(actor_id=person, shift_id=only)
    if party == 1:
        waiting.join(actor_id=leader, shift_id=only)
    else:
        convoys.wait(actor_id=leader, convoy_id=number, shift_id=only, count=party)
    with transaction() as session:  # places come free, and nobody has been asked yet
        session.execute(delete(SignUp).where(SignUp.person_id.in_(others[:count])))
        session.execute(update(Shift).where(Shift.id == only).values(filled=8 - count))
    said = convoys.hold(actor_id=leader, convoy_id=number, shift_ids=[only], count=count, myself=myself)
    assert said == ([only] if given_up else [])
    with transaction() as session:
        left = session.scalars(select(AuditLine.subject_id).where(AuditLine.action == "shift.waiting_left")).all()
    assert list(map(int, left)) == said


def test_all_of_a_convoys_places_given_back_late_are_told_as_so_many(leader: int) -> None:
    make.person("coordinator")
    shift = make.shift(starts_at=now() + timedelta(hours=5), maximum=8).id
    hold(convoy(leader), [shift], 8)
    signing.cancel(actor_id=leader, shift_id=shift, keep_others=False, reason="The van broke down")
    (mail,) = mails("left_late")
    assert (mail.params["party"], mail.params["reason"]) == (8, "The van broke down")
