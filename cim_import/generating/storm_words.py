"""What people write on a stormy afternoon, to the company and in public; all of it invented."""

from typing import Final

OUT_MESSAGES: Final = (
    "No power at {address} since a few minutes ago. Is it the whole street?",
    "Lights went out, then a loud bang from the direction of station {station}. Please check.",
    "{address}: no electricity. My mother's oxygen device runs on battery, two hours at most!",
    "Everything dark in {street}. The fuses in our house are all fine.",
    "The lift at {address} has stopped between floors and somebody is in it.",
    "Hello, outage in {street}. When will it be back?",
    "Heat pump off, house gets cold. {address}. Do you know about it already?",
    "Our shop in {street} has no power, the tills are dead and so are the freezers.",
    "Flickered twice, then dark. {address}.",
    "Is there a map of the outage? {street} is out completely.",
    "A tree has come down in {street} and now there is no light.",
    "We are a practice at {address} and need our cold chain. Please call back.",
)
FACTORY_MESSAGES: Final = (
    "{address}: production stands. How long will it take?",
    "Our emergency generator at {address} has started. Please tell us when to switch back.",
    "{address}: all three phases gone, doors of the loading bay stuck open.",
    "No supply at {address}, cold store warms by one degree in ten minutes.",
)
AGAIN_MESSAGES: Final = (
    "It was back for half an hour and now it is gone again. {address}.",
    "Dark again in {street}! What is going on?",
    "Second time today. Should I switch off the heat pump myself? {address}",
    "{street} without power again, traffic lights out too.",
    "Gone again. {address}. At least tell us how long.",
    "Power off once more, smell of burning at the box on the corner of {street}.",
)
BACK_MESSAGES: Final = (
    "Light is back at {address}. Thank you to everybody out there in this weather!",
    "Power is back in {street}, but only two of our three phases work. Can somebody look?",
    "It works again, thanks. {address}",
)
BEFORE_POSTS: Final = (
    "Trees in {street} bend as I have never seen it. Stay inside, {town}! #storm",
    "Roof tiles on the road in {street}. Somebody should close it. #storm #{town}",
)
OUT_POSTS: Final = (
    "Blackout in {street}, whole quarter dark. Anybody else? #{town}",
    "Big oak down in {street}, roots and all. The lights went off the same second. #storm",
    "Candles out, {street} is playing cards tonight #blackout #{town}",
    "Saw a blue flash over {street}, then nothing. #storm #{town}",
    "Even the mobile network is slow now in {street}. #{town} #blackout",
)
AGAIN_POSTS: Final = (
    "And off again in {street}. Second blackout in an hour. #{town}",
    "Half of {town} is dark by the look of it from {street} #blackout",
    "Crew of the grid company in {street}, soaked to the skin. Respect! #storm",
)
DAMAGES: Final = (
    "an uprooted oak has torn the cable out of the ground",
    "the washed-out road has pulled a cable joint apart",
    "a crane blown over has cut the cable",
    "water in a cable joint has led to a flashover",
)
IMAGES: Final = (
    "{cable} from above, {damage}",
    "{cable}, close view: both ends of the break, screen wires bare",
    "{cable}, thermal image: {degrees} °C at the break, surroundings 4 °C",
    "Way of {cable}, whole length: nothing else damaged",
)
