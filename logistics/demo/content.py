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

# What a distribution is called, the product it hands out, per hundred people, and for whom.
# (product name, gender, units for each person in hundredths, groups)
PLANS = (
    ("Jumpers and socks", (("Jumpers", "Male", 100, ["men"]), ("Thick Socks", "Male", 100, ["men", "boys"]))),
    ("Joggers", (("Joggers", "Male", 100, ["men"]), ("Shampoo", "-", 50, ["men", "women"]))),
    ("Winter jackets", (("Winter Jackets", "Male", 50, ["men"]), ("Winter Hats", "Male", 100, ["men"]))),
    (
        "Sleeping bags",
        (("Sleeping Bags", "-", 50, ["men", "women", "boys"]), ("Blankets", "-", 50, ["women", "girls"])),
    ),
    ("Shoes", (("Practical Shoes", "Male", 50, ["men"]), ("Thin Socks", "Male", 100, ["men"]))),
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
SPENDS = (("Fuel for the van", 4600), ("Paper cups and tea", 4000), ("Van hire, half a day", 6500))
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

FRENCH_PRODUCTS = {
    "ASTM 1 Masks": "Masques ASTM 1",
    "ASTM 2 Masks": "Masques ASTM 2",
    "ASTM 3/FFP2/FFP3/N95 Masks": "Masques ASTM 3/FFP2/FFP3/N95",
    "Abayas": "Abayas",
    "Baby Bibs": "Bavoirs",
    "Baby Blankets": "Couvertures bébé",
    "Baby Gloves": "Gants bébé",
    "Baby Hats": "Bonnets bébé",
    "Baby Jackets / Outerwear": "Manteaux bébé",
    "Baby Jumpers": "Pulls bébé",
    "Baby Onesies": "Pyjamas bébé",
    "Baby Rompers / Bodies": "Barboteuses / Bodies",
    "Baby Shoes": "Chaussures bébé",
    "Baby Socks": "Chaussettes bébé",
    "Baby Tops": "Hauts bébé",
    "Baby Trousers": "Pantalons bébé",
    "Backpacks": "Sacs à dos",
    "Basins": "Bassines",
    "Bedsheets": "Draps",
    "Blankets": "Couvertures",
    "Bleach": "Eau de Javel",
    "Bodywarmers / Sleeveless Jumpers": "Gilets sans manches",
    "Bottled water": "Eau en bouteille",
    "Bowls": "Bols",
    "Bras": "Soutiens-gorge",
    "Canned / Jarred Food": "Conserves",
    "Combs, Hair Ties, Brushes": "Peignes, élastiques, brosses",
    "Condoms": "Préservatifs",
    "Deodorant": "Déodorant",
    "Diapers": "Couches",
    "Dishes": "Vaisselle",
    "Disposable Gloves": "Gants jetables",
    "Dresses / Skirts": "Robes / Jupes",
    "Drinking Vessels": "Gobelets",
    "Dry Food": "Aliments secs",
    "Duvet Covers": "Housses de couette",
    "Duvets": "Couettes",
    "Eating Utensils": "Couverts",
    "Gloves": "Gants",
    "Hand Sanitizer / Antibacterial Handgel": "Gel hydroalcoolique",
    "Hijabs": "Hijabs",
    "Incontinence Pads": "Protections contre l’incontinence",
    "Isopropryl Alcohol": "Alcool isopropylique",
    "Joggers": "Joggings",
    "Jumpers": "Pulls",
    "Leggings": "Leggings",
    "Light Shoes": "Chaussures légères",
    "Long Sleeve Tops": "Hauts à manches longues",
    "Lotion / Moisturizer": "Crème hydratante",
    "Makeup": "Maquillage",
    "Misc. Outer Protective Gear": "Équipement de protection divers",
    "Pillowcases": "Taies d’oreiller",
    "Pillows": "Oreillers",
    "Pots & pans": "Casseroles et poêles",
    "Practical Shoes": "Chaussures de marche",
    "Razors (Disposable)": "Rasoirs jetables",
    "Reusable Masks": "Masques réutilisables",
    "Rubber Rain Boots": "Bottes de pluie",
    "Sandals & Flip Flops": "Sandales et tongs",
    "Sanitary Pads": "Serviettes hygiéniques",
    "Scarves": "Écharpes",
    "Shampoo": "Shampooing",
    "Shaving Foam": "Mousse à raser",
    "Shorts": "Shorts",
    "Shower Gel": "Gel douche",
    "Sleeping Bags": "Sacs de couchage",
    "Sleeping Mats": "Tapis de sol",
    "Soap": "Savon",
    "Sponges": "Éponges",
    "Suitcases and Bags": "Valises et sacs",
    "Summer Hats": "Chapeaux d’été",
    "Summer Jackets": "Vestes d’été",
    "Sunscreen": "Crème solaire",
    "T-Shirts / Short Sleeves": "T-shirts / Manches courtes",
    "Tarps": "Bâches",
    "Tents": "Tentes",
    "Thick Socks": "Chaussettes épaisses",
    "Thin Socks": "Chaussettes fines",
    "Toothbrushes": "Brosses à dents",
    "Toothpaste": "Dentifrice",
    "Towels": "Serviettes",
    "Toys": "Jouets",
    "Trousers": "Pantalons",
    "Umbrellas": "Parapluies",
    "Undershirts / Tank Tops": "Maillots de corps / Débardeurs",
    "Underwear": "Sous-vêtements",
    "Washing up liquid": "Liquide vaisselle",
    "Water Storage Containers (10-20L)": "Jerricans (10-20 L)",
    "Water Storage Containers (<10L)": "Jerricans (<10 L)",
    "Water Storage Containers (>20L)": "Jerricans (>20 L)",
    "Wet Wipes / Baby Wipes": "Lingettes",
    "Winter Hats": "Bonnets",
    "Winter Jackets": "Vestes d’hiver",
    "Wooden cooking spoons": "Cuillères en bois",
}
