"""Prints docs/reference/generator.md from the code: `python tests/docs/print_generator.py`."""

from collections.abc import Iterable

from cim_import.generating import geography, holidays, plan, solar, stations, streets, usage
from cim_import.generating.catalogue import CABLES, PRIMARY, SECONDARY
from cim_import.generating.customers import FACTORY, STREET_CLASSES
from cim_import.generating.events import IMAGES
from cim_import.generating.ownership import JOINT_SHARES
from cim_import.generating.storm import STORM_FEEDER

TEXT = """\
# The generated town

Printed from `cim_import/generating` by `tests/docs/print_generator.py`; change the code, not this
page.

    gridstrata generate town DIR --meters 2000 --seed 1 --days 14

writes a CIM delivery, readings and events into a new or empty folder:

{files}
The same meters, seed, start and days give the same bytes, on every machine. `--days` changes
readings and events alone. Units are those of CGMES: kV, MVA, MW, km, A. Everything is invented; the
coordinates lie in open country.

## The network

There is a substation for every {per_substation:,} meters: a 110 kV bus with the supply, two
transformers, the 20 kV busbar sections A and B with an open coupler. Rings of about
{per_ring} stations leave section A as one feeder and come back to section B as another; half way a
load break switch is normally open. A radial feeder supplies the industrial estate. A station has
a ring main unit, one transformer and a low-voltage board; a low-voltage feeder for every
{per_street} meters leaves it by a fuse and runs along a street from cabinet to cabinet, from where
service lines go to the buildings. By design the network is radial. In the present state the first
ring is opened one station further on than designed, still radial.

A station supplies about {per_station} meters. Households are connected to one phase, A, B and C in
turn; all others to three.

## Communication

A station has one gateway for every {per_gateway} meters, which talks with the modules of the
meters over the power line, and reaches the head end through a SIM card and a cell, or over a
fibre. A few meters have a SIM card of their own. The remote unit of a substation sends in the
positions of the feeder breakers.

## Ownership

The network company owns the network, but for the industrial feeders with their stations, which
belong to the estate, and the transformers of the substations, which are owned in common:
{shares}. Gateways, SIM cards and cells belong to a data company. Customers belong to
nobody; they are seen by whoever owns what supplies them.

## Panels

Some of the customers with a roof of their own have panels, none of those in flats; the share and
the peak are in the table of customers. The inverter is a `PowerElectronicsConnection` at the node
of the consumer, with a `PhotoVoltaicUnit` behind it; its peak is `maxP`, and in the state file it
gives {solar_mean} of that, its mean over the year. Nothing else feeds in, and there is no battery.

## Readings

One line a usage point, quantity and day: `usage_point,quantity,source,start,resolution,values`, the
values being 24 whole watt-hours from midnight UTC on, an empty one where nothing arrived. Who has
panels has a second line: `ENERGY_IN` is what is taken, `ENERGY_OUT` what is given. Own use comes
off both, so an hour has one of them; a real meter counts both within an hour of changing clouds.
One meter in a hundred never reports; hours and stretches are missing here and there; now and then a
whole gateway is away for some hours. At T-0001 one meter is silent and the first gateway is away on
the last day, so that there is something to see.

The first lines are the temperature: `TEMP_OUTDOOR`, in degrees Celsius, of the substation Quellmoor
1, from `weather-service`. It is one for the whole town.

## Loads

The energy of an hour is

    mean * shape(class, kind of day, hour) * noise + heating * (16 °C - temperature) * shape(hour)
    + charger, where one charges - panels

- **Noise** lies evenly between 0.6 and 1.4, for each meter and hour.
- **Kinds of days.** Days of rest are Saturdays, Sundays and the {holidays} public holidays that all
  German states have in common; those that move follow Easter Sunday, which comes from the anonymous
  Gregorian algorithm (J. Meeus, Astronomical Algorithms, 1991, chapter 8). On other days from 24 to
  31 December workshops and factories are half way between a working day and a day of rest.
- **Temperature** is the mean of the season, a swing of the day, and a drift: seven tenths of the
  day before's and up to 2.2 K more or less.
- **Cars** charge on a third of the evenings, from 17, 18, 19 or 20 UTC on, for one to three hours.
- **Sun.** In the middle of each hour, at {latitude:g}° north and {longitude:g}° east:

      declination  d = 23.45° sin(360° (284 + day of the year) / 365)
      elevation    sin a = sin l sin d + cos l cos d cos w,  w = 15° (solar hour - 12)
      irradiance   G = (910 sin a - 30) (1 - 0.75 (N / 8)^3.4) W/m²

  after P. I. Cooper (Solar Energy 12, 1969, 333) and F. Kasten and G. Czeplak (Solar Energy 24,
  1980, 177). N, the eighths of the sky in clouds, is drawn for each day, and moves by one from hour
  to hour. Panels make peak * G / (1,000 W/m²) * {of_the_sun}. The ground is flat, the sky one for
  all, and solar time goes evenly. It comes to about 1,000 kWh on a square metre in a year.
- **After an outage**, what heating, cars and, in homes, boilers and refrigerators ({deferred} of
  the rest) missed is owed, and half of what is owed is paid back in each hour with supply: the
  exponential decay with which a cold load pick-up is described (S. Ihara and F. C. Schweppe, IEEE
  Trans. Power Apparatus and Systems PAS-100, 1981), with a half-life of an hour. Inverters are off
  while there is no supply.

Sines are fractions right within 0.0017 (Bhaskara's, of the seventh century), and everything is
arithmetic on integers. Classes, shares and sizes are round figures of this project, no network's.

## Events

One [JSON event](ingest.md#json-events) a line, station by station. On any day clocks are set, now
and then a meter reports something, a door is open, work is planned, somebody writes or a drone
looks. On the last day there is a storm over {feeder}:

1. The weather service warns in the morning, and again at noon.
2. At 15:10 (UTC) and a few seconds a cable fails. Protection opens the breaker of the feeder. The
   cable is isolated, the stations before it get supply back by the breaker, those behind it over
   the open point of the ring.
3. At 16:03 a second cable fails, on what has just been taken over. The breaker of the other feeder
   opens, and both are without supply. What can be is supplied again; a station between the two
   damaged cables waits.
4. In the evening the cables are mended, and every switch returns to where it stood.

Who is without supply and how long follows from the network: an `OUTAGE` names the usage points of a
station for exactly the time in which no closed switches lead to it, and the readings of these hours
are less or missing. A branch has no open point; what lies behind the damaged cable waits. Where a
town is so small that nothing else has supply, the second fault is on the mended cable.

| Source | Says |
| --- | --- |
| `weather-service` | `WEATHER_WARNING` with its end, hours before |
| `protection` | `FAULT`: at once, when its place is found, when it is mended |
| `scada` | `SWITCHING` and `ALARM` of the breakers |
| `control-room` | `SWITCHING` in stations, when the crew has phoned; a `NOTE` in the end |
| `outage-desk` | `OUTAGE`, some minutes late, and its end |
| `head-end` | `DEVICE_EVENT`: last gasps, batteries, clocks; `ALARM` for a gateway that is silent |
| `customer-desk`, `social` | `MESSAGE` and `SOCIAL`, read some minutes after they were written |
| `work-orders`, `drone` | `WORK` from being sent to being done; `IMAGE` by reference |

Last gasps come from meters that lost supply, but for those behind a gateway without a good battery
(every third) and a few that get lost. Images are addresses under `{images}`; there are none, and
the checksum is that of the text. An event that lasts is written when it becomes known and again
when its end is, as a second version.
"""

FILES = (
    ("town_EQ.xml", "CGMES 3.0 CoreEquipment, Operation", "the network down to the loads, limits"),
    ("town_SSH.xml", "CGMES 3.0 SteadyStateHypothesis", "present switch states, mean loads"),
    ("town_GL.xml", "CGMES 3.0 GeographicalLocation", "positions"),
    ("town_CU.xml", "Ownership/1", "customers, agreements, usage points, meters"),
    ("town_CO.xml", "Communication/1", "modules, gateways, SIM cards, remote units, head end"),
    ("town_OW.xml", "Ownership/1", "organisations, roles, assets, shares"),
    ("readings.csv", "", "hourly energy by usage point and day, temperature"),
    ("events.jsonl", "", "what happened, among it a storm"),
)


def main() -> None:
    """Print the page."""
    print(page(), end="")


def page() -> str:
    """The whole page as Markdown."""
    files = ((f"`{name}`", profile, holds) for name, profile, holds in FILES)
    text = TEXT.format(
        files=table(("File", "Profile", "Holds"), files),
        feeder=STORM_FEEDER,
        solar_mean=f"{solar.MEAN_PER_MILLE / 10:g} %",
        holidays=len(holidays.FIXED) + len(holidays.FROM_EASTER),
        latitude=geography.MIDDLE_LATITUDE_DEG,
        longitude=geography.MIDDLE_LONGITUDE_DEG,
        of_the_sun=f"{usage.OF_THE_SUN_PER_MILLE / 1000:g}",
        deferred=f"{usage.DEFERRED_PER_MILLE['home'] / 10:g} %",
        images=IMAGES,
        per_substation=plan.METERS_PER_SUBSTATION,
        per_ring=plan.STATIONS_PER_RING,
        per_street=streets.METERS_PER_STREET,
        per_station=plan.METERS_PER_STATION,
        per_gateway=stations.METERS_PER_GATEWAY,
        shares=", ".join(f"{owner} {share} %" for owner, share in JOINT_SHARES.items()),
    )
    parts = [text, "## Customers\n", customers(), "## Cables\n", cables()]
    return "\n".join([*parts, "## Transformers\n", transformers()])


def customers() -> str:
    """The classes of customers."""
    head = ("Class", "Of a thousand", "Mean W", "Heating W/K", "Charger W")
    more = ("Phases", "Fuse A", "Of a thousand roofs have panels", "Peak of panels kW")
    rows = (
        (
            kind.name,
            kind.per_mille or "industrial feeder",
            f"{kind.mean_w[0]:,} to {kind.mean_w[1]:,}",
            f"{kind.heating_w_per_k[0]} to {kind.heating_w_per_k[1]}",
            kind.charger_w,
            3 if kind.three_phase else 1,
            kind.rated_a,
            kind.solar_per_mille,
            f"{kind.solar_w[0] / 1000:g} to {kind.solar_w[1] / 1000:g}",
        )
        for kind in (*STREET_CLASSES, FACTORY)
    )
    return table((*head, *more), rows)


def cables() -> str:
    """The cable types."""
    head = ("Type", "r Ω/km", "x Ω/km", "c nF/km", "Limit A")
    rows = ((c.name, c.r_ohm_per_km, c.x_ohm_per_km, c.c_nf_per_km, c.rated_a) for c in CABLES)
    return table(head, rows)


def transformers() -> str:
    """The transformer types."""
    head = ("Type", "uk %", "Load loss W", "No-load loss W", "No-load current %", "Group")
    rows = (
        (
            t.name,
            t.short_circuit_percent,
            f"{t.load_loss_w:,}",
            f"{t.no_load_loss_w:,}",
            t.no_load_current_percent,
            f"{t.high_connection}{t.low_connection.lower()}{t.clock}",
        )
        for t in (*PRIMARY, *SECONDARY)
    )
    return table(head, rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, cells))} |\n" for cells in lines)


if __name__ == "__main__":
    main()
