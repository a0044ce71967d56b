"""How crew, goods and money stand: pure functions."""

from datetime import UTC, datetime

import pytest

from logistics.errors import Name
from logistics.operations import readiness
from logistics.operations.readiness import FundLeft, Goods, Step
from logistics.operations.timeline import SENTENCES
from logistics.shifts.crew import CrewLine, CrewView

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def crew(*lines: tuple[str, int, int, int]) -> CrewView:
    """A crew of (role, filled, minimum, maximum)."""
    return CrewView(
        [CrewLine(number, name, None, 1, AT, AT, *places) for number, (name, *places) in enumerate(lines)]  # type: ignore[arg-type]
    )


def said(standing: readiness.Standing) -> tuple[str, str, str]:
    return str(standing.kind), str(standing.word), standing.why


@pytest.mark.parametrize(
    ("view", "state", "expected"),
    [
        (crew(), "planned", ("plain", "No shifts yet", "")),
        (crew(("Driver", 1, 2, 3)), "packing", ("warn", "Driver: 1 short", "")),
        (crew(("HGV driver", 0, 1, 1)), "packing", ("warn", "HGV driver: 1 short", "")),
        (
            crew(("Driver", 0, 2, 3), ("Team lead", 0, 1, 1)),
            "planned",
            ("warn", "3 short", "2 × Driver, 1 × Team lead"),
        ),
        (crew(("Driver", 2, 2, 3)), "planned", ("ok", "Enough", "")),
        (crew(("Driver", 3, 2, 3), ("Team lead", 1, 1, 1)), "planned", ("ok", "Complete", "")),
        (crew(("Driver", 3, 1, 3), ("Team lead", 0, 1, 1)), "planned", ("warn", "Team lead: 1 short", "")),
        (crew(("Driver", 1, 2, 3)), "closed", ("plain", "1 person", "")),
        (crew(("Driver", 1, 2, 3)), "cancelled", ("plain", "Stood down", "")),
    ],
)
def test_crew(view: CrewView, state: str, expected: tuple[str, str, str]) -> None:
    assert said(readiness.crew(view, state, lambda line: line.name)) == expected


@pytest.mark.parametrize(
    ("goods", "state", "expected"),
    [
        (Goods(False, 0, 0), "planned", ("plain", "No packing list yet", "")),
        (Goods(False, 0, 0), "closed", ("plain", "Nothing taken", "")),
        (Goods(True, 0, 0), "planned", ("plain", "Nothing on the list yet", "")),
        (Goods(True, 20, 0, [(12, "M")]), "planned", ("warn", "M: 12 short", "")),
        (Goods(True, 20, 0, [(12, "")]), "planned", ("warn", "12 short", "")),
        (
            Goods(True, 20, 0, [(1, "S"), (9, "M"), (2, "L"), (2, "A")]),
            "packing",
            ("warn", "14 short", "9 × M, 2 × A, 2 × L …"),
        ),
        (Goods(True, 20, 5), "packing", ("ok", "Enough", "")),
        (Goods(True, 20, 20, extra=2), "packing", ("ok", "All packed", "")),
        (Goods(True, 150, 60, extra=90), "packing", ("ok", "Enough", "")),
        (Goods(True, 0, 0, extra=2), "packing", ("ok", "All packed", "")),
        (Goods(True, 20, 5, [(3, "M")]), "out", ("plain", "On the van", "")),
        (Goods(True, 20, 0), "cancelled", ("plain", "Back in their boxes", "")),
    ],
)
def test_goods(goods: Goods, state: str, expected: tuple[str, str, str]) -> None:
    assert said(readiness.goods(goods, state)) == expected


GENERAL, VANS = Name("General fund"), Name("Vans")


@pytest.mark.parametrize(
    ("costs", "funds", "state", "expected"),
    [
        ({}, [], "planned", ("plain", "No costs yet")),
        ({"gbp": 4600}, [FundLeft(GENERAL, 1, "£0.01")], "planned", ("ok", "Covered")),
        (
            {"gbp": 4600},
            [FundLeft(GENERAL, 100, "£1"), FundLeft(VANS, 0, "£0")],
            "out",
            ("warn", "Vans: nothing left"),
        ),
        ({"gbp": 4600}, [FundLeft(VANS, 0, "£0")], "closed", ("ok", "Covered")),
        ({"gbp": 4600}, [FundLeft(VANS, -500, "£5")], "closed", ("warn", "Vans: £5 short")),
    ],
)
def test_money(costs: dict[str, int], funds: list[FundLeft], state: str, expected: tuple[str, str]) -> None:
    assert said(readiness.money(costs, funds, state)) == (*expected, "")


@pytest.mark.parametrize(
    ("state", "goods", "left_to_pick", "on_the_van", "expected"),
    [
        ("planned", Goods(False, 0, 0), False, False, Step.LIST),
        ("planned", Goods(True, 20, 0), True, False, Step.PICK),
        ("packing", Goods(True, 20, 5), True, False, Step.PICK),
        ("packing", Goods(True, 20, 20), False, False, Step.DISPATCH),
        ("out", Goods(True, 20, 20), False, True, Step.RETURN),
        ("returned", Goods(True, 20, 20), False, True, Step.RETURN),
        ("returned", Goods(True, 20, 20), False, False, Step.CLOSE),
        ("closed", Goods(True, 20, 20), False, False, None),
        ("cancelled", Goods(True, 20, 0), False, False, None),
    ],
)
def test_the_next_step(state: str, goods: Goods, left_to_pick: bool, on_the_van: bool, expected: Step | None) -> None:
    assert readiness.next_step(state, goods, left_to_pick=left_to_pick, on_the_van=on_the_van) == expected


def test_the_timeline_knows_the_states_a_distribution_goes_through() -> None:
    for state in ("packing", "out", "returned", "closed", "cancelled"):
        assert f"distribution.{state}" in SENTENCES
