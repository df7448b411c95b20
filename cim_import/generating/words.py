"""Names of streets, people and firms in the town; all of them invented."""

from typing import Final

TOWN: Final = "Quellmoor"
REGION: Final = "Moorland"

STREET_FIRST: Final = (
    "Alder", "Ash", "Barley", "Beech", "Birch", "Bridge", "Brook", "Castle", "Cherry", "Church",
    "Clay", "Copper", "Elm", "Fern", "Field", "Ford", "Garden", "Hazel", "Heath", "Hill", "Juniper",
    "Lime", "Linden", "Maple", "Market", "Meadow", "Mill", "Moor", "North", "Oak", "Orchard",
    "Pear", "Pine", "Plum", "Quarry", "Quay", "River", "Rowan", "School", "South", "Spring",
    "Station", "Stone", "Sunny", "Tower", "Weaver", "Well", "West", "Willow", "Wind",
)  # fmt: skip
STREET_LAST: Final = (
    "Alley", "Avenue", "Close", "Court", "Drive", "Lane", "Place", "Rise", "Road", "Row", "Street",
    "Terrace", "View", "Walk", "Way",
)  # fmt: skip
FIRST_NAMES: Final = (
    "Ada", "Amir", "Anna", "Ben", "Carla", "Chidi", "Clara", "David", "Edda", "Elif", "Emil",
    "Fatima", "Finn", "Greta", "Hana", "Ida", "Ivan", "Jonas", "Kaja", "Lars", "Leila", "Lena",
    "Luca", "Maja", "Marek", "Mina", "Nils", "Noor", "Olga", "Omar", "Paula", "Pavel", "Rania",
    "Ravi", "Rosa", "Sami", "Sofia", "Tariq", "Theo", "Uma", "Vera", "Wim", "Yara", "Zoe",
)  # fmt: skip
LAST_NAMES: Final = (
    "Abbott", "Adler", "Bakker", "Berg", "Brandt", "Castell", "Dahl", "Demir", "Duval", "Ekman",
    "Falk", "Farrow", "Gruber", "Hale", "Hartog", "Holm", "Ivers", "Jansen", "Keller", "Kovac",
    "Lang", "Lindgren", "Marsh", "Mercer", "Moreau", "Nagy", "Nolan", "Okoro", "Olsen", "Petrov",
    "Quist", "Reyes", "Rossi", "Sauer", "Silva", "Sorensen", "Tanaka", "Thorn", "Urban", "Vogel",
    "Wagner", "Weber", "Winter", "Young", "Zeller",
)  # fmt: skip
SHOPS: Final = (
    "Bakery", "Bicycles", "Bookshop", "Cafe", "Dentist", "Florist", "Grocery", "Hairdresser",
    "Hotel", "Laundry", "Pharmacy", "Restaurant",
)  # fmt: skip
WORKSHOPS: Final = ("Carpentry", "Farm", "Garage", "Glassworks", "Metalwork", "Printing")
FACTORIES: Final = ("Brewery", "Castings", "Cold Store", "Dairy", "Plastics", "Sawmill", "Textiles")
