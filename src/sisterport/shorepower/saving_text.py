"""The explanation of a saving as text for people, in lines like those of an inventory."""

from collections.abc import Iterator

from sisterport.inventory.explain_text import PARTS, wrap
from sisterport.shorepower.saving_explained import SavingExplanation


def saving_text(said: SavingExplanation, *, parts: int = PARTS) -> str:
    """Return an explanation in words, no line longer than 100 columns.

    Parameters
    ----------
    said
        From `explain_savings`.
    parts
        How many parts and factors are shown.

    Examples
    --------
    >>> from sisterport.shorepower.saving_explained import explain_savings
    >>> from sisterport.tables import empty
    >>> print(saving_text(explain_savings(empty("savings"))))  # doctest: +ELLIPSIS
    co2_net_t for all: no value
    no stay
    ...
    """
    return "\n".join(_lines(said, parts))


def _lines(said: SavingExplanation, parts: int) -> Iterator[str]:
    cell = ", ".join(f"{key} = {value}" for key, value in said.where.items()) or "all"
    value = "no value" if said.value is None else f"{said.value:,.4g} {said.unit}"
    yield _wrap(f"{said.amount} for {cell}: {value}", "")
    if said.note:
        yield _wrap(said.note, "")
    yield "How it is worked out"
    yield from (_wrap(line) for line in said.formula)
    if said.rows.height:
        yield "The parts that add up to it"
    for row in said.rows.head(parts).iter_rows(named=True):
        less = f" - {row['grid']:,.4g} of the grid" if row["grid"] else ""
        yield _wrap(
            f"{row['ship_class'] or 'class unknown'}, {row['ef_grid_source'] or 'grid unknown'}: {row['stays']} stays, "
            f"{row['energy_mwh']:,.4g} MWh: {row['gross']:,.4g}{less} = {row['value']:,.4g} {said.unit}"
        )
    if said.rows.height > parts:
        rest = said.rows.tail(said.rows.height - parts)["value"].sum()
        yield f"  and {said.rows.height - parts} smaller parts: {rest:,.4g} {said.unit}"
    if said.factors.height:
        yield "Factors"
    for row in said.factors.head(2 * parts).iter_rows(named=True):
        unit = "" if row["unit"] == "-" else f" {row['unit']}"
        number = "unknown" if row["value"] is None else f"{row['value']:.4g}{unit}"
        yield _wrap(f"{row['name']} {number}  [{row['stays']} stays, {row['energy_mwh']:,.4g} MWh]")
        yield _wrap(f"{row['status']}: {row['source']}", "      ")
    if said.not_counted.height:
        yield "Not counted"
    for row in said.not_counted.iter_rows(named=True):
        yield _wrap(f"{row['reason']}: {row['stays']} stays, {row['hours']:,.4g} hours")


def _wrap(line: str, first: str = "  ") -> str:
    return wrap(line, first=first, rest=first + "  ")
