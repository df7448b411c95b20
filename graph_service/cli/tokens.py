"""Commands for tokens: who may see what, and do what."""

from __future__ import annotations

from typing import Annotated

import typer

from graph_service import bootstrap
from graph_service.cli.output import Format, say, say_json, say_table
from graph_service.domain.access import Right
from graph_service.domain.errors import Conflict, InvalidCall
from graph_service.services.access import TokenInfo

token = typer.Typer(help="Make, list and revoke tokens.", no_args_is_help=True)

OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the answer.")]
Name = Annotated[str, typer.Argument(help="A name to know it by.", metavar="NAME")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(token, name="token", rich_help_panel="Service")


@token.command()
def create(
    context: typer.Context,
    name: Name,
    owner: Annotated[
        list[str] | None,
        typer.Option(
            help="An organisation it may see, by name or mRID; may be repeated; "
            "default: everything.",
            metavar="ORGANISATION",
        ),
    ] = None,
    right: Annotated[
        list[Right] | None, typer.Option(help="What it may do, may be repeated; default: read.")
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> None:
    """Make a token. It is shown this once."""
    rights = right or [Right.READ]
    with bootstrap.open_services(context.obj) as house:
        if any(known.name == name for known in house.access.tokens()):
            raise Conflict(
                f"there is a token called '{name}' already",
                subject=name,
                hint=f"choose another name, or run `gridstrata token revoke {name}` first",
            )
        secret = house.access.create(name, owner, rights)
        unknown = [one for one in owner or () if not house.access.scope([one]).owners]
    if output is Format.JSON:
        say_json({"name": name, "token": secret})
    else:
        say(secret)
    for one in unknown:
        typer.echo(
            f"note: no organisation is called '{one}'; the token sees nothing of it until one "
            "is imported",
            err=True,
        )


@token.command("list")
def list_(context: typer.Context, output: OutputFormat = Format.TEXT) -> None:
    """List the tokens, without their secrets."""
    with bootstrap.open_services(context.obj) as house:
        known = house.access.tokens()
    if output is Format.JSON:
        say_json([_members(info) for info in known])
    else:
        say_table(["name", "sees", "may", "made"], map(_row, known))


@token.command()
def revoke(context: typer.Context, name: Name) -> None:
    """Forget a token; it stops working at once."""
    with bootstrap.open_services(context.obj) as house:
        known = house.access.revoke(name)
    if not known:
        raise InvalidCall(
            f"no token is called '{name}'", subject=name, hint="see `gridstrata token list`"
        )
    say(f"{name} is revoked")


def _members(info: TokenInfo) -> dict[str, object]:
    return {
        "name": info.name,
        "owners": info.owners,
        "rights": sorted(right.value for right in info.rights),
        "createdAt": info.created_at.isoformat(timespec="seconds"),
    }


def _row(info: TokenInfo) -> list[str]:
    sees = "everything" if info.owners is None else ", ".join(info.owners)
    rights = ", ".join(sorted(right.value for right in info.rights))
    return [info.name, sees, rights, info.created_at.isoformat(timespec="seconds")]
