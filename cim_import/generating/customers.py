"""Who uses the energy: classes of customers, their agreements, usage points and meters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cim_import.generating import words
from cim_import.generating.chance import Chance
from cim_import.generating.model_file import ModelFile, enum, named, ref, text


@dataclass(frozen=True, slots=True)
class CustomerClass:
    """A kind of customer. Powers in W: the range of its mean, of heating per kelvin below 16 °C,
    of a car charger (0: none), the range of the peak of its panels. `per_mille` is its share of the
    customers of a street, `solar_per_mille` how many of those with a roof of their own have panels.

    All are round figures of this project, no network's; one phase may give 4.6 kVA at most
    (VDE-AR-N 4105), and together panels reach half a kilowatt a meter."""

    name: str
    per_mille: int
    mean_w: tuple[int, int]
    heating_w_per_k: tuple[int, int]
    charger_w: int
    three_phase: bool
    rated_a: int
    shape: str
    solar_per_mille: int
    solar_w: tuple[int, int]


HOUSEHOLD = CustomerClass(
    "household", 620, (190, 560), (0, 0), 0, False, 40, "home", 80, (2_000, 4_600)
)
HEAT_PUMP = CustomerClass(
    "heat pump", 160, (220, 520), (50, 140), 0, True, 35, "home", 280, (4_000, 9_000)
)
CAR = CustomerClass(
    "electric car", 90, (260, 560), (0, 0), 3700, True, 35, "home", 300, (4_000, 9_000)
)
SHOP = CustomerClass("shop", 80, (500, 2400), (0, 30), 0, True, 63, "shop", 120, (6_000, 16_000))
WORKSHOP = CustomerClass(
    "workshop", 50, (900, 4500), (0, 20), 0, True, 100, "work", 200, (10_000, 30_000)
)
FACTORY = CustomerClass(
    "factory", 0, (14_000, 52_000), (0, 200), 0, True, 400, "shift", 300, (50_000, 150_000)
)
STREET_CLASSES = (HOUSEHOLD, HEAT_PUMP, CAR, SHOP, WORKSHOP)

_SILENT_PER_MILLE = 10


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer drawn from its class, before anything is written."""

    kind: CustomerClass
    name: str
    phases: str
    mean_w: int
    heating_w_per_k: int
    charger_w: int
    silent: bool


@dataclass(frozen=True, slots=True)
class Metered:
    """What a customer became in the files; `solar_w` is the peak of its panels, 0 for none."""

    customer: Customer
    usage_point: str
    address: str
    meter: str
    meter_name: str
    solar_w: int


def draw_customer(chance: Chance, number: int, kind: CustomerClass | None = None) -> Customer:
    """Draw a customer; `number` spreads single phase customers over A, B and C."""
    kind = kind or _draw_class(chance)
    return Customer(
        kind,
        _draw_name(chance, kind),
        "ABCN" if kind.three_phase else "ABC"[number % 3] + "N",
        chance.between(*kind.mean_w),
        chance.between(*kind.heating_w_per_k),
        kind.charger_w,
        chance.happens(_SILENT_PER_MILLE),
    )


class CustomerWriter:
    """Writes the customer file: places, agreements, usage points and meters."""

    def __init__(self, cu: ModelFile, chance: Chance, suppliers: Sequence[str]):
        self._cu, self._chance, self._suppliers = cu, chance, suppliers
        self._meters = 0
        self._electricity = chance.mrid()
        cu.define(
            "cim:ServiceCategory",
            self._electricity,
            named("Electricity"),
            enum("cim:ServiceCategory.kind", "ServiceKind.electricity"),
        )

    def service_location(self, address: str) -> str:
        """The place that is served; its position goes into the geographical file."""
        mrid = self._chance.mrid()
        self._cu.define("cim:ServiceLocation", mrid, named(address))
        return mrid

    def customer(
        self, customer: Customer, address: str, location: str, consumer: str, solar_w: int
    ) -> Metered:
        """A customer with agreement, usage point and meter behind a consumer and its panels."""
        agreement = self.agreement(customer)
        usage_point = self.usage_point(
            address,
            consumer,
            enum("cim:UsagePoint.phaseCode", f"PhaseCode.{customer.phases}"),
            text("cim:UsagePoint.ratedCurrent", customer.kind.rated_a),
            ref("cim:UsagePoint.ServiceLocation", location),
            ref("cim:UsagePoint.CustomerAgreement", agreement),
        )
        meter, name = self.meter(usage_point)
        return Metered(customer, usage_point, address, meter, name, solar_w)

    def usage_point(self, name: str, consumer: str, *properties: str) -> str:
        """A usage point that a consumer supplies."""
        mrid = self._chance.mrid()
        self._cu.define(
            "cim:UsagePoint",
            mrid,
            named(name),
            ref("cim:UsagePoint.Equipments", consumer),
            *properties,
        )
        return mrid

    def meter(self, usage_point: str) -> tuple[str, str]:
        """The next meter, at a usage point; gives its mRID and its name."""
        self._meters += 1
        mrid, name = self._chance.mrid(), f"M-{self._meters:07d}"
        self._cu.define(
            "cim:Meter",
            mrid,
            named(name),
            text("cim:Asset.serialNumber", f"QM{self._meters * 7 + 1_000_000}"),
            ref("cim:EndDevice.UsagePoint", usage_point),
        )
        return mrid, name

    def agreement(self, customer: Customer) -> str:
        """A customer's agreement with one of the suppliers."""
        mrid, agreement = self._chance.mrid(), self._chance.mrid()
        residential = customer.kind.shape == "home"
        kind = "residential" if residential else "commercialIndustrial"
        self._cu.define(
            "cim:Customer",
            mrid,
            named(customer.name),
            enum("cim:Customer.kind", f"CustomerKind.{kind}"),
        )
        self._cu.define(
            "cim:CustomerAgreement",
            agreement,
            named(f"Agreement {self._meters + 1}"),
            ref("cim:CustomerAgreement.Customer", mrid),
            ref("cim:CustomerAgreement.ServiceSupplier", self._chance.pick(self._suppliers)),
            ref("cim:CustomerAgreement.ServiceCategory", self._electricity),
        )
        return agreement


def _draw_class(chance: Chance) -> CustomerClass:
    drawn = chance.below(1000)
    for kind in STREET_CLASSES:
        drawn -= kind.per_mille
        if drawn < 0:
            return kind
    return HOUSEHOLD


def _draw_name(chance: Chance, kind: CustomerClass) -> str:
    last = chance.pick(words.LAST_NAMES)
    if kind is SHOP:
        return f"{last} {chance.pick(words.SHOPS)}"
    if kind is WORKSHOP:
        return f"{last} {chance.pick(words.WORKSHOPS)}"
    if kind is FACTORY:
        return f"{last} {chance.pick(words.FACTORIES)}"
    return f"{chance.pick(words.FIRST_NAMES)} {last}"
