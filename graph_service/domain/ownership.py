"""Ownership: which organisations an element belongs to, stated for its asset or inherited.

Stated: an asset names its owners (`Asset.OrganisationRoles` to an AssetOwner, or an `Ownership`
between asset and owner), an owner its organisation (`OrganisationRole.Organisation`); what the
asset stands for (`Asset.PowerSystemResources`) belongs to the same. Inherited: along the links
the table of kinds marks in its column `inherits`, down to elements that state no owner.
An organisation belongs to itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from graph_service.domain import tables

Link = tuple[int, str, int]
"""(source number, link name, target number)"""

_STATED = frozenset(
    {
        "Asset.OrganisationRoles",
        "AssetOrganisationRole.Assets",
        "OrganisationRole.Organisation",
        "Organisation.Roles",
        "Ownership.Asset",
        "Ownership.AssetOwner",
        "Asset.PowerSystemResources",
        "PowerSystemResource.Assets",
    }
)


@cache
def relevant_links() -> frozenset[str]:
    """Names of the links that decide about ownership; others need not be looked at."""
    inherited = {name for name in tables.link_names() if _inherits(name)}
    return frozenset(_STATED | inherited)


def derive_owners(kinds: Mapping[int, str], links: Iterable[Link]) -> dict[int, frozenset[int]]:
    """Give the owning organisations of every element that has any.

    Args:
        kinds: element number → kind, at least for owners and organisations.
        links: all links whose name is among `relevant_links()`.

    Returns:
        element number → numbers of the organisations that own it.
    """
    stated: dict[str, list[tuple[int, int]]] = defaultdict(list)
    heirs: dict[int, list[int]] = defaultdict(list)
    for source, name, target in links:
        if name in _STATED:
            stated[name].append((source, target))
        side = _inherits(name)
        if side == "target":
            heirs[target].append(source)
        elif side == "source":
            heirs[source].append(target)
    owners = _stated_owners(kinds, stated)
    return _hand_down(owners, heirs)


def _stated_owners(
    kinds: Mapping[int, str], stated: Mapping[str, list[tuple[int, int]]]
) -> dict[int, set[int]]:
    organisations = _by_first(
        stated.get("OrganisationRole.Organisation", []), stated.get("Organisation.Roles", [])
    )
    shares = _by_first(stated.get("Ownership.Asset", []))
    owners: dict[int, set[int]] = defaultdict(set)
    pairs = list(stated.get("Asset.OrganisationRoles", []))
    pairs += [(asset, role) for role, asset in stated.get("AssetOrganisationRole.Assets", [])]
    pairs += [
        (asset, role)
        for share, role in stated.get("Ownership.AssetOwner", [])
        for asset in shares.get(share, ())
    ]
    for asset, role in pairs:
        if kinds.get(role) == "AssetOwner":
            owners[asset] |= organisations.get(role, set())
    for share, assets in shares.items():
        owners[share] |= {org for asset in assets for org in owners.get(asset, ())}
    resources = list(stated.get("Asset.PowerSystemResources", []))
    resources += [(asset, psr) for psr, asset in stated.get("PowerSystemResource.Assets", [])]
    of_assets = {asset: frozenset(owners.get(asset, ())) for asset, _ in resources}
    for asset, resource in resources:
        owners[resource] |= of_assets[asset]
    for role, orgs in organisations.items():
        owners[role] |= orgs
        for org in orgs:
            owners[org].add(org)
    return {number: orgs for number, orgs in owners.items() if orgs}


def _by_first(
    pairs: Iterable[tuple[int, int]], turned: Iterable[tuple[int, int]] = ()
) -> dict[int, set[int]]:
    """All seconds of each first; `turned` pairs come second first."""
    found: dict[int, set[int]] = defaultdict(set)
    for first, second in (*pairs, *((first, second) for second, first in turned)):
        found[first].add(second)
    return found


def _hand_down(
    owners: Mapping[int, set[int]], heirs: Mapping[int, list[int]]
) -> dict[int, frozenset[int]]:
    """Walk from every owner's elements down to those that state none."""
    result: dict[int, set[int]] = {number: set(orgs) for number, orgs in owners.items()}
    by_owner: dict[int, list[int]] = defaultdict(list)
    for number, orgs in owners.items():
        for org in orgs:
            by_owner[org].append(number)
    for org, front in by_owner.items():
        while front:
            reached = []
            for number in front:
                for heir in heirs.get(number, ()):
                    if heir not in owners and org not in result.setdefault(heir, set()):
                        result[heir].add(org)
                        reached.append(heir)
            front = reached
    return {number: frozenset(orgs) for number, orgs in result.items()}


def _inherits(name: str) -> str:
    row = tables.link_row(name)
    return row.inherits if row else ""
