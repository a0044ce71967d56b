"""How many people mean, as they say it: packs, weights and volumes; and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.errors import Invalid
from logistics.stock.amounts import Choice, Counting, choices, read
from logistics.stock.models import Unit

PIECES, GRAMS, MILLILITRES = Counting(), Counting(Unit.GRAM), Counting(Unit.MILLILITRE)
TWELVES = Counting(pack_size=12)


@pytest.mark.parametrize(
    ("text", "counting", "chosen", "meant"),
    [
        ("72", PIECES, "", 72),
        (" 1 000 ", PIECES, "", 1000),
        ("6 x 12", PIECES, "", 72),
        ("6×12", PIECES, "", 72),
        ("6 packs of 12", PIECES, "", 72),
        ("6 paquets de 12", PIECES, "", 72),
        ("6 packs", TWELVES, "", 72),
        ("1.5 packs", TWELVES, "", 18),
        ("6", TWELVES, "x12", 72),
        ("6", TWELVES, "x10", 60),  # as the page said before the product was changed
        ("6 x 10", TWELVES, "x12", 60),
        ("72 pieces", TWELVES, "x12", 72),
        ("2.5 kg", GRAMS, "", 2500),
        ("2,5 kg", GRAMS, "", 2500),
        ("500 g", GRAMS, "kg", 500),
        ("2,5", GRAMS, "kg", 2500),
        ("0.125 kg", GRAMS, "", 125),
        ("6 x 500 g", GRAMS, "", 3000),
        ("6 x 500", GRAMS, "kg", 3000),
        ("1.5 l", MILLILITRES, "", 1500),
        ("33 cl", MILLILITRES, "", 330),
        ("500", MILLILITRES, "", 500),
        ("3", PIECES, "nonsense", 3),
        ("-5", PIECES, "", -5),
        ("1" + "0" * 50, PIECES, "", 10**50),
        ("9" * 5000, PIECES, "", 10**60),
    ],
)
def test_it_is_read_as_it_is_said(text: str, counting: Counting, chosen: str, meant: int) -> None:
    assert read(text, counting, chosen) == meant


@pytest.mark.parametrize(
    ("text", "counting", "words"),
    [
        ("1.5", PIECES, "whole number"),
        ("many", PIECES, "whole number"),
        ("2.5 kg", PIECES, "counted in pieces"),
        ("1 l", GRAMS, "counted in grams"),
        ("3 pieces", GRAMS, "counted in grams"),
        ("500 g", MILLILITRES, "counted in millilitres"),
        ("1.5", GRAMS, "counted in grams"),
        ("0.0005 kg", GRAMS, "counted in grams"),
        ("6 packs", PIECES, "how many are in one pack"),
        ("1.25 packs of 12", PIECES, "whole number"),
        ("1,500 kg", GRAMS, "a thousand, or a part of one"),
        ("1.500", PIECES, "a thousand, or a part of one"),
        ("6 x", PIECES, "whole number"),
        ("x 12", PIECES, "whole number"),
        ("6 x 2 x 3", PIECES, "whole number"),
        ("٣", PIECES, "whole number"),
        ("=1+1", PIECES, "whole number"),
        ("1e5", PIECES, "whole number"),
        ("1 x " + "9" * 61, PIECES, "whole number"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(text: str, counting: Counting, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read(text, counting)


def test_a_number_may_be_said_in_what_the_product_comes_in() -> None:
    assert choices(PIECES) == [Choice("", 1)]
    assert choices(Counting(Unit.GRAM, 500)) == [Choice("", 1), Choice("kg", 1000), Choice("x500", 500)]


COUNTINGS = st.builds(Counting, st.sampled_from(Unit), st.none() | st.integers(2, 100_000))


@given(st.text(max_size=80), COUNTINGS, st.text(max_size=8))
def test_whatever_is_typed_is_a_number_or_refused(text: str, counting: Counting, chosen: str) -> None:
    with suppress(Invalid):
        assert isinstance(read(text, counting, chosen), int)


@given(st.integers(1, 10**6), st.integers(2, 10**5), st.sampled_from(["x", " x ", "×", " packs of ", " lots de "]))
def test_packs_are_their_number_times_their_size(packs: int, size: int, between: str) -> None:
    assert read(f"{packs}{between}{size}", PIECES) == packs * size
    assert read(str(packs), Counting(pack_size=size), f"x{size}") == packs * size


@given(st.integers(0, 10**6), st.integers(0, 99), st.sampled_from(".,"))
def test_a_weight_in_kilos_is_the_same_in_grams(kilos: int, hundredths: int, point: str) -> None:
    grams = kilos * 1000 + hundredths * 10
    assert read(f"{kilos}{point}{hundredths:02} kg", GRAMS) == read(f"{grams} g", GRAMS) == grams


@given(st.integers(0, 10**9), COUNTINGS)
def test_a_plain_number_is_itself(number: int, counting: Counting) -> None:
    assert read(str(number), counting) == number
