"""``sisterport explain``: where a figure of a project comes from."""

from typing import Annotated

import typer

from sisterport.cli.output import print_json
from sisterport.cli.project import Json, Project, _result


def explain(
    project: Project,
    where: Annotated[
        str, typer.Option(help="The cell: keys and values, e.g. mode=berth,ship_class=container; none: the total.")
    ] = "",
    amount: Annotated[str, typer.Option(help="Column of the tables, e.g. co2e_ttw_t, nox_kg, energy_kwh.")] = (
        "co2e_ttw_t"
    ),
    period: Annotated[str | None, typer.Option(help="Name of the period; may be left out if there is one.")] = None,
    parts: Annotated[int, typer.Option(help="How many parts and their factors are printed.")] = 12,
    as_json: Json = False,
) -> None:
    """Say where a figure comes from: formula, parts, factors with sources, what it rests on, what would narrow it."""
    from sisterport.inventory.explain import check_choice
    from sisterport.inventory.explain_text import text
    from sisterport.project import read_project
    from sisterport.project.explained import explain_cell

    cell = _cell(where)
    check_choice(cell, amount)  # before the work, not after
    names = [part.name for part in read_project(project).periods]
    chosen = _period(period, names)
    said = explain_cell(_result(project), chosen, cell, amount)
    if as_json:
        print_json(said.to_dict())
        return
    typer.echo(f"{chosen}\n{text(said, parts=parts)}")


def _period(given: str | None, names: list[str]) -> str:
    from sisterport.errors import InputError, did_you_mean

    if given is None and len(names) == 1:
        return names[0]
    if given in names:
        return given
    listed = "; ".join(names)
    if given is None:
        raise InputError(f"say which period: --period with one of: {listed}")
    raise InputError(f"no period '{given}'{did_you_mean(given, names)}; there are: {listed}")


def _cell(where: str) -> dict[str, str | None]:
    """Return the keys and values; ``none`` or nothing after the sign stands for rows without a value."""
    from sisterport.errors import InputError

    cell: dict[str, str | None] = {}
    for pair in filter(None, (pair.strip() for pair in where.split(","))):
        key, sign, given = (part.strip() for part in pair.partition("="))
        if not sign or not key:
            raise InputError(f"--where: '{pair}' is not key=value, as in mode=berth,ship_class=container")
        if key in cell:
            raise InputError(f"--where: '{key}' stands twice")
        cell[key] = given if given not in {"", "none"} else None
    return cell
