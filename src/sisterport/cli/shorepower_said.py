"""What `sisterport shorepower` says of plans: their cost, agreements, and the same for JSON."""

from typing import Any

GOOD = {"files": "as they were written", "hours and power": "within what the registers give"}
"""What `verify` says of files and capacities that hold."""


def finance(interest: float | None, life: float | None, opex_share: float, fuel_price: float | None) -> Any:
    """Return what turns an investment into a cost; None where it was not asked for."""
    from sisterport.errors import MethodError

    if interest is None and life is None:
        if opex_share or fuel_price is not None:
            raise MethodError("--opex-share and --fuel-price go with --interest and --life")
        return None
    from sisterport.shorepower.economics import Finance

    if interest is None or life is None:
        raise MethodError("--interest and --life go together")
    return Finance(interest=interest, years=life, opex_share=opex_share, fuel_usd_per_t=fuel_price)


def rows(table: Any) -> list[dict[str, Any]] | None:
    """Return the rows of a frame, if there is one."""
    return None if table is None else table.to_dicts()


def of(table: list[dict[str, Any]] | None, plan: Any) -> list[dict[str, Any]]:
    """Return the rows of one plan."""
    return [row for row in table or () if row["budget_musd"] == plan.budget_musd]


def costs(table: list[dict[str, Any]] | None) -> list[str]:
    """Return what a kWh and a tonne cost at low, middle and high cost, in one line, and what is missing in another."""
    if not table:
        return []
    units = {"cost_usd_per_kwh": ("USD/kWh", ".3f"), "abatement_usd_per_t": ("USD/t CO2 net", ",.0f")}
    said = []
    for name, (unit, shape) in units.items():
        known = [f"{row[name]:{shape}}" for row in table if row[name] is not None]
        said.append(f"{' / '.join(known)} {unit}" if known else f"{unit} not known")
    levels = " / ".join(row["costs"] for row in table)
    line = f"costs {', '.join(said)} ({levels}, USD of {table[0]['price_year']})"
    return [line, *dict.fromkeys(f"cost: {row['note']}" for row in table if row["note"])]


def agreed(table: list[dict[str, Any]], unit: str) -> list[str]:
    """Return for each agreement whether it is in the plan, and what it saves beside separate choices."""
    lines = []
    for row in table:
        head = (
            f"agreement {row['agreement_id']} ({row['ports']}, {row['builds']} upgrades, {row['cost_musd']:.2f} MUSD)"
        )
        more = row["value"] - row["value_without"]
        if row["in_plan"]:
            money = f"{abs(row['dearer_musd']):.2f} MUSD {'less' if row['dearer_musd'] <= 0 else 'more'}"
            lines.append(f"{head}: in the plan; beside separate choices {more:,.0f} {unit} more saved, {money} spent")
        elif row["value_if_made"] is None:
            lines.append(f"{head}: not in the plan")
        else:
            less = row["value"] - row["value_if_made"]
            lines.append(f"{head}: not in the plan; if it is made, {less:,.0f} {unit} less are saved")
    return lines


def plan(found: Any) -> dict[str, Any]:
    """Return a plan for JSON."""
    numbers = ("budget_musd", "cost_musd", "value", "bound", "bound_by", "gap", "method", "objective")
    frames = ("units", "links", "ports")
    return {name: getattr(found, name) for name in numbers} | {name: getattr(found, name).to_dicts() for name in frames}
