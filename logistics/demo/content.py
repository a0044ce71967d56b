"""The names in the demo: invented people, places with public names only, and French for what charities name."""

from pathlib import Path

DATA = Path(__file__).parent / "data"
PRODUCTS_FILE = DATA / "assort-v1-products.csv"
BOXES_FILE = DATA / "boxtribute-export-lesvos.csv"
PASSWORD = "shoreline-demo"
NOTHING_LEFT = "The shelves are empty. We wait for the next delivery."

ACCOUNTS = (
    ("volunteer@example.org", "Amina Haddad", "volunteer"),
    ("warehouse@example.org", "Joe Fletcher", "warehouse"),
    ("coordinator@example.org", "Salma Benali", "coordinator"),
    ("fundraiser@example.org", "Priya Nair", "fundraiser"),
    ("admin@example.org", "Ada Morel", "admin"),
)
# Two of 16 and 17.
YOUNG = (("lou@example.org", "Lou Perrin"), ("max@example.org", "Max Turner"))

WAREHOUSES = (("Main warehouse", "Entrepôt principal"), ("Annex", "Annexe"))
SHELVES = {
    "Main warehouse": [f"{row}{number}" for row in "ABC" for number in range(1, 7)],
    "Annex": [f"N{number}" for number in range(1, 5)],
}
# Public names, vague on purpose. The demo holds no exact place.
MEETING_POINTS = (
    ("North meeting point", "Point de rencontre nord"),
    ("East meeting point", "Point de rencontre est"),
    ("South meeting point", "Point de rencontre sud"),
    ("Canal", "Canal"),
)

# name, French name, what it is, the same in French, least and most people on one distribution
CREW_ROLES = (
    (
        "Team lead",
        "Responsable d’équipe",
        "Leads the crew, holds the phone, decides on the spot.",
        "Dirige l’équipe, garde le téléphone, décide sur place.",
        1,
        1,
    ),
    ("Driver", "Conducteur", "Drives the van there and back.", "Conduit la camionnette aller et retour.", 1, 2),
    ("Line monitor", "Responsable de file", "Keeps the line calm and fair.", "Veille à une file calme et juste.", 1, 2),
    (
        "Hand out",
        "Distribution",
        "Hands out at the van, one person at a time.",
        "Distribue à la camionnette, une personne à la fois.",
        3,
        6,
    ),
)
WAREHOUSE_ROLES = (
    (
        "Sorting table",
        "Table de tri",
        "Sorts what came in by kind and size, and checks each piece.",
        "Trie les dons par type et par taille, et vérifie chaque pièce.",
        2,
        8,
    ),
    (
        "Hot drinks",
        "Boissons chaudes",
        "Makes tea for the crew and the line.",
        "Prépare le thé pour l’équipe et la file.",
        1,
        2,
    ),
)

# name, French name, restricted, what it is for, the same in French
FUNDS = (
    (
        "Where it is needed most",
        "Là où c’est le plus utile",
        False,
        "Food, clothes, fuel: what the week asks for.",
        "Nourriture, vêtements, carburant : selon les besoins de la semaine.",
    ),
    (
        "Winter fund",
        "Fonds d’hiver",
        True,
        "Sleeping bags, tents and warm clothes.",
        "Sacs de couchage, tentes et vêtements chauds.",
    ),
    (
        "Van fund",
        "Fonds camionnette",
        True,
        "Fuel, hire and repair of the vans.",
        "Carburant, location et réparation des camionnettes.",
    ),
)

# What a distribution is called (its title has one language: that of the colleague who planned it), the product it hands out, per hundred people, and for whom.
# (product name, gender, units for each person in hundredths, groups)
PLANS = (
    ("Jumpers and socks", (("Jumpers", "Male", 100, ["men"]), ("Thick Socks", "Male", 100, ["men", "boys"]))),
    ("Joggers", (("Joggers", "Male", 100, ["men"]), ("Shampoo", "-", 50, ["men", "women"]))),
    ("Winter jackets", (("Winter Jackets", "Male", 50, ["men"]), ("Winter Hats", "Male", 100, ["men"]))),
    (
        "Sacs de couchage",
        (("Sleeping Bags", "-", 50, ["men", "women", "boys"]), ("Blankets", "-", 50, ["women", "girls"])),
    ),
    ("Chaussures", (("Practical Shoes", "Male", 50, ["men"]), ("Thin Socks", "Male", 100, ["men"]))),
)
# What one costs to buy, in pence: these are offered on the giving page.
UNIT_COSTS = {
    ("Sleeping Bags", "-"): 700,
    ("Tents", "-"): 1200,
    ("Joggers", "Male"): 500,
    ("Winter Jackets", "Male"): 1800,
    ("Practical Shoes", "Male"): 1500,
    ("Blankets", "-"): 600,
}
# What money went on, how much in pence, and out of which fund.
SPENDS = (
    ("Fuel for the van", 4600, "Van fund"),
    ("Gobelets et thé", 4000, "Where it is needed most"),
    ("Van hire, half a day", 6500, "Van fund"),
)
DEBRIEFS = (
    ("Calm line. Bring more M next time.", "Jumpers, M"),
    ("Rain from three o’clock; a tarp over the van would help.", "Thick socks"),
    ("File tranquille, merci à toute l’équipe. Prévoir plus de tailles S.", "Taille S"),
    ("Two newcomers did well as line monitors.", ""),
)
NOTES = (
    "Briefing at 13:30 at the warehouse. Bring gloves and a head torch.",
    "Rendez-vous à 13 h 30 à l’entrepôt. Prévoir des gants et une lampe frontale.",
)

FIRST_NAMES = (
    "Alice",
    "Ben",
    "Chloé",
    "Daniel",
    "Elif",
    "Fatou",
    "George",
    "Hannah",
    "Inès",
    "Jack",
    "Karim",
    "Léa",
    "Marcus",
    "Nadia",
    "Oscar",
    "Paula",
    "Quentin",
    "Rosa",
    "Sami",
    "Tess",
    "Ugo",
    "Vera",
    "William",
    "Yasmin",
    "Zoé",
    "Anouk",
    "Bilal",
    "Camille",
    "Dora",
    "Emil",
)
LAST_NAMES = (
    "Adams",
    "Bernard",
    "Clarke",
    "Dubois",
    "Evans",
    "Fontaine",
    "Green",
    "Hughes",
    "Ito",
    "Jones",
    "Khan",
    "Lambert",
    "Martin",
    "Novak",
    "O’Brien",
    "Petit",
    "Quinn",
    "Rossi",
    "Smith",
    "Thomas",
    "Ullmann",
    "Vidal",
    "Walker",
    "Young",
)

# Food that will be past its date: what, how many, and days from the day of the demo.
FOOD_BOXES = [
    ("Milk", 24, -5),
    ("Cereal", 12, -1),
    ("Milk", 36, 4),
    ("Sauce", 40, 6),
    ("Chickpeas", 48, 18),
    ("Pasta", 60, 26),
    ("Rice", 50, 44),
    ("Sugar", 30, 57),
    ("Vegetable oil", 20, 120),
    ("Rice", 80, 300),
]
# What labels say food contains, and for whom it is fit. Of the rest nobody has looked.
FOOD_LABELS: dict[str, tuple[list[str], list[str]]] = {
    "Milk": (["milk"], ["vegetarian"]),
    "Cereal": (["gluten", "nuts"], ["vegetarian"]),
    "Chickpeas": ([], ["halal", "vegan", "gluten_free"]),
    "Pasta": (["gluten"], ["halal", "vegan"]),
    "Rice": ([], ["halal", "vegan", "gluten_free"]),
    "Sugar": ([], ["halal", "vegan", "gluten_free"]),
}
FOOD = {name for name, _quantity, _days in FOOD_BOXES}

# What may be handed out instead of what: size for size of the same label unless said, and whether both ways.
STAND_INS: tuple[tuple[tuple[str, str], tuple[str, str], dict[str, str], bool], ...] = (
    (("Trousers", "Male"), ("Joggers", "Male"), {}, True),
    (("Trousers", "Female"), ("Joggers", "Female"), {}, True),
    (("Thick Socks", "Male"), ("Thin Socks", "Male"), {}, False),
    (("Winter Jackets", "Male"), ("Jumpers", "Male"), {}, False),
    (("Sleeping Bags", "-"), ("Blankets", "-"), {}, False),
)
# What is always to be there, over all warehouses: what, for whom, in which season, at least how many, up to how many.
TARGETS = [
    ("Sleeping Bags", "-", "winter", 400, 600),
    ("Blankets", "-", "winter", 300, 500),
    ("Tents", "-", "all", 40, 80),
    ("Thick Socks", "Male", "winter", 300, 600),
    ("Thin Socks", "Male", "summer", 300, 600),
    ("Shampoo", "-", "all", 100, 200),
    ("Rice", "-", "all", 100, 300),
]
