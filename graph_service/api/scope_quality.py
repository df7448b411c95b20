"""Data quality of scopes and traces in the schema: the figures, and the worst devices first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.elements import Element, KnownAt, show
from graph_service.api.paging import (
    After,
    First,
    PageInfo,
    check_first,
    cursor,
    fingerprint,
    page_info,
    position_of,
)
from graph_service.api.quality import (
    A_DAY,
    DataQuality,
    Deadline,
    OfQuantity,
    QualityFigures,
    Zone,
    asked,
    figures,
)
from graph_service.api.quality import members as members_of
from graph_service.api.scopes import ScopeInput
from graph_service.domain.scopes import ScopeQuestion
from graph_service.services.devices import Devices, devices_of
from graph_service.services.quality import QualityAnswer, QualityQuestion


@strawberry.type(description="How good the readings of one device are.")
class DeviceQuality:
    """A device."""

    element: Element
    figures: QualityFigures


@strawberry.type(description="A page of devices, the worst first.")
class DeviceQualityConnection:
    """Devices."""

    nodes: list[DeviceQuality]
    total_count: int
    page_info: PageInfo


@strawberry.type(description="How good the readings of some devices are, together and one by one.")
class ScopeQuality(DataQuality):
    """Quality; `found` is the service's."""

    truncated: bool = strawberry.field(
        description="True if there were more elements than a scope may hold."
    )
    found: strawberry.Private[QualityAnswer]
    mark: strawberry.Private[str]

    @strawberry.field(description="The devices, the least complete first.")
    async def devices(
        self, info: Info, first: First = 50, after: After = None
    ) -> DeviceQualityConnection:
        """A page of devices."""
        check_first(first)
        position = position_of(after, self.mark)
        begin = position[1] if position else 0
        shown = self.found.worst[begin : begin + first]
        names = [self.found.devices[at] for at in shown]
        context = info.context
        known = await in_thread(context.house.neighbourhood.by_ids, names, context.scope)
        ends = (cursor(self.mark, ("", begin)), cursor(self.mark, ("", begin + len(shown))))
        return DeviceQualityConnection(
            nodes=[
                DeviceQuality(element=show(meant[0]), figures=figures(self.found.by_device, at))
                for at, meant in zip(shown, known, strict=True)
                if meant
            ],
            total_count=len(self.found.devices),
            page_info=page_info(
                ends if shown else None, after, begin + first < len(self.found.devices)
            ),
        )


async def quality_of_scope(
    context: Context, scope: ScopeQuestion, kind: str | None, question: QualityQuestion
) -> ScopeQuality:
    """The quality of all devices of a scope."""
    house = context.house
    find = partial(devices_of, house.network, house.scopes, scope, context.scope, kind)
    return await quality_of_devices(context, find, question)


async def quality_of_devices(
    context: Context, find: Callable[[], Devices], question: QualityQuestion
) -> ScopeQuality:
    """The quality of devices, which are looked up in the same thread."""

    def ask() -> tuple[Devices, QualityAnswer]:
        devices = find()
        return devices, context.house.quality.of_all(devices.keys, question)

    devices, found = await in_thread(ask)
    mark = fingerprint("quality", found.devices, question)
    shown = members_of(found, question)
    return ScopeQuality(truncated=devices.truncated, found=found, mark=mark, **shown)


@strawberry.type
class QualityQuery:
    """The root field about data quality."""

    @strawberry.field(
        description="How good the readings of all devices of a scope are: by day, in all, and the "
        "worst devices first."
    )
    async def quality(
        self,
        info: Info,
        scope: ScopeInput,
        start: datetime,
        stop: datetime,
        zone: Zone = "UTC",
        quantity: OfQuantity = None,
        members: Annotated[
            str | None,
            strawberry.argument(
                description="The CIM class of the devices; default: the elements that are named, "
                "or the usage points of a trace, a container or an owner."
            ),
        ] = None,
        deadline: Deadline = A_DAY,
        known_at: KnownAt = None,
    ) -> ScopeQuality | None:
        """Data quality."""
        question = asked(start, stop, zone, quantity, deadline, known_at)
        return await quality_of_scope(info.context, scope.meant(), members, question)
