from graph_service.domain.ownership import derive_owners, relevant_links

LINE, TERMINAL, NODE, ASSET, OWNER, DSO, OTHER, OTHER_OWNER, SHARE = range(9)
KINDS = {OWNER: "AssetOwner", OTHER_OWNER: "AssetOwner", DSO: "Organisation"}
OWNED_LINE = [
    (ASSET, "Asset.PowerSystemResources", LINE),
    (ASSET, "Asset.OrganisationRoles", OWNER),
    (OWNER, "OrganisationRole.Organisation", DSO),
]


def test_derive_owners__what_an_asset_stands_for_belongs_to_its_owner() -> None:
    owners = derive_owners(KINDS, OWNED_LINE)
    assert owners[LINE] == owners[ASSET] == owners[OWNER] == owners[DSO] == {DSO}


def test_derive_owners__a_terminal_inherits_from_its_equipment() -> None:
    links = [*OWNED_LINE, (TERMINAL, "Terminal.ConductingEquipment", LINE)]
    assert derive_owners(KINDS, links)[TERMINAL] == {DSO}


def test_derive_owners__a_node_does_not_inherit_over_a_terminal() -> None:
    links = [
        *OWNED_LINE,
        (TERMINAL, "Terminal.ConductingEquipment", LINE),
        (TERMINAL, "Terminal.ConnectivityNode", NODE),
    ]
    assert NODE not in derive_owners(KINDS, links)


def test_derive_owners__stated_ownership_is_not_overruled_by_inherited() -> None:
    links = [
        *OWNED_LINE,
        (NODE, "Equipment.EquipmentContainer", LINE),
        (SHARE, "Asset.PowerSystemResources", NODE),
        (SHARE, "Asset.OrganisationRoles", OTHER_OWNER),
        (OTHER_OWNER, "OrganisationRole.Organisation", OTHER),
    ]
    assert derive_owners(KINDS, links)[NODE] == {OTHER}


def test_derive_owners__a_share_makes_the_other_end_an_owner_too() -> None:
    links = [
        *OWNED_LINE,
        (SHARE, "Ownership.Asset", ASSET),
        (SHARE, "Ownership.AssetOwner", OTHER_OWNER),
        (OTHER_OWNER, "OrganisationRole.Organisation", OTHER),
    ]
    assert derive_owners(KINDS, links)[LINE] == {DSO, OTHER}


def test_derive_owners__a_maintainer_owns_nothing() -> None:
    assert LINE not in derive_owners({OWNER: "Maintainer"}, OWNED_LINE)


def test_relevant_links__leave_out_what_says_nothing_about_owners() -> None:
    assert "Asset.OrganisationRoles" in relevant_links()
    assert "ConductingEquipment.BaseVoltage" not in relevant_links()
