"""Which column of a file is what, guessed from its heading in a few languages."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from rapidfuzz import fuzz, process

from ..searching import fold

NEARLY = 88  # of 100: how like a known heading one must be to be taken for it


class Field(StrEnum):
    """What a column can be."""

    CODE = "code"
    PRODUCT = "product"
    GENDER = "gender"
    SIZE = "size"
    QUANTITY = "quantity"
    SHELF = "shelf"
    WAREHOUSE = "warehouse"
    BEST_BEFORE = "best_before"
    SOURCE = "source"
    NOTE = "note"
    CATEGORY = "category"
    UNIT = "unit"
    FRENCH = "french"


NEEDED = (Field.PRODUCT, Field.QUANTITY)
# As other lists head them, in English, French, German, Spanish, Italian and Dutch, in their folded form.
KNOWN: Mapping[Field, Sequence[str]] = {
    Field.CODE: (
        *("box", "box number", "box no", "box nr", "box id", "box code", "code", "label", "number", "id"),
        *("carton", "numero de carton", "n de carton", "no de carton", "numero", "code carton"),
        *("kiste", "kistennummer", "karton", "kartonnummer", "caja", "numero de caja", "scatola", "doos", "doosnummer"),
    ),
    Field.PRODUCT: (
        *("product", "item", "article", "what", "product name", "item name", "name", "type", "description"),
        *("produit", "nom du produit", "designation", "quoi", "nom", "artikel", "produkt", "bezeichnung"),
        *("producto", "articulo", "prodotto", "articolo"),
    ),
    Field.GENDER: (
        *(
            "gender",
            "for whom",
            "sex",
            "who",
            "sexe",
            "genre",
            "pour qui",
            "geschlecht",
            "genero",
            "genere",
            "geslacht",
        ),
    ),
    Field.SIZE: ("size", "sizes", "taille", "tailles", "pointure", "grosse", "talla", "taglia", "maat"),
    Field.QUANTITY: (
        *("how many", "items", "quantity", "qty", "count", "amount", "pieces", "number of items", "units", "stock"),
        *("combien", "quantite", "qte", "nombre", "nombre d articles", "pieces par carton"),
        *("anzahl", "menge", "stuckzahl", "cantidad", "quantita", "aantal"),
    ),
    Field.SHELF: (
        *("shelf", "location", "place", "where", "bay", "rack", "etagere", "rayon", "emplacement", "lieu", "ou"),
        *("regal", "standort", "lagerplatz", "ubicacion", "estante", "posizione", "scaffale", "locatie", "plank"),
    ),
    Field.WAREHOUSE: (
        "warehouse",
        "depot",
        "base",
        "entrepot",
        "lager",
        "lagerhaus",
        "almacen",
        "magazzino",
        "magazijn",
    ),
    Field.BEST_BEFORE: (
        *("best before", "best before date", "expiry", "expiry date", "expires", "expiration", "expiration date"),
        *(
            "use by",
            "bbe",
            "bbd",
            "a consommer avant",
            "a consommer avant le",
            "a consommer de preference avant",
            "date de peremption",
        ),
        *("peremption", "ddm", "dlc", "dluo", "mhd", "mindestens haltbar bis", "caducidad", "scadenza"),
        "houdbaar tot",
    ),
    Field.SOURCE: ("source", "where from", "origin", "origine", "provenance", "herkunft", "origen", "d ou"),
    Field.NOTE: (
        *("note", "notes", "comment", "comments", "remark", "remarks", "commentaire", "commentaires", "remarque"),
        *("remarques", "bemerkung", "bemerkungen", "kommentar", "comentario", "comentarios", "nota", "opmerking"),
    ),
    Field.CATEGORY: ("category", "group", "categorie", "kategorie", "categoria", "famille"),
    Field.UNIT: ("unit", "counted in", "unite", "compte en", "einheit", "unidad", "unita", "eenheid"),
    Field.FRENCH: ("name in french", "product fr", "nom en francais", "en francais"),
}
_FIELDS = {heading: what for what, headings in KNOWN.items() for heading in headings}


def guess(headings: Sequence[str]) -> dict[Field, int]:
    """Return which column is what: headings that are known first, then those spelt nearly so; each is used once."""
    folded = [fold(heading) for heading in headings]
    found: dict[Field, int] = {}
    for place, heading in enumerate(folded):
        what = _FIELDS.get(heading)
        if what is not None and _better(found.get(what), place, folded, what):
            found[what] = place
    for place, heading in enumerate(folded):
        if heading and place not in found.values():
            near = process.extractOne(heading, list(_FIELDS), scorer=fuzz.ratio, score_cutoff=NEARLY)
            if near is not None:
                found.setdefault(_FIELDS[near[0]], place)
    return found


def _better(before: int | None, place: int, folded: Sequence[str], what: Field) -> bool:
    """Return whether a column is a likelier one than that found before: "Box number" rather than "Id"."""
    order = list(KNOWN[what])
    return before is None or order.index(folded[place]) < order.index(folded[before])


def known(headings: Sequence[str]) -> int:
    """Return how many of some cells are headings that are known, to tell a heading from other rows."""
    return sum(fold(heading) in _FIELDS for heading in headings)
