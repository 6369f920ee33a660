"""``sisterport fuels``: what fuels are, what they emit from well to wake, what they cost."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sisterport.cli.output import print_frame, print_json

app = typer.Typer(no_args_is_help=True, help="What fuels are, emit and cost; nothing is green by its name.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_SHOWN = {
    "pathways": ("region", "pathway_type", "n_pathways", "cost_usd_per_gj", "wtg_g_per_mj", "wtw_g_per_mj",
                 "wtw_g_per_mj_min", "wtw_g_per_mj_max", "status"),
}  # fmt: skip
"""Columns for people, where --json has more."""
Gwp = Annotated[str, typer.Option(help="Warming potentials: AR4, AR5 or AR6.")]


@app.command("show")
def show(
    fuel: Annotated[str, typer.Argument(help="A code or word (MGO, LNG, e-methanol); none: lists all fuels.")] = "",
    region: Annotated[str | None, typer.Option(help="Country whose production pathways are shown, e.g. China.")] = None,
    gwp: Gwp = "AR5",
    unmeasured: Annotated[
        str, typer.Option(help="CH4 and N2O that the law leaves to be measured: zero, oil or table.")
    ] = "zero",
    as_json: AsJson = False,
) -> None:
    """Show a fuel: calorific value by scheme, factors by law and converter, pathways, ports that supply it."""
    from sisterport.project.compliance_fuels import fuel_list, fuel_sheet

    if not fuel:
        print_frame(fuel_list(), as_json=as_json)
        return
    sheet = fuel_sheet(fuel, region=region, gwp=gwp, unmeasured=unmeasured)
    if as_json:
        print_json({name: part if isinstance(part, dict) else part.to_dicts() for name, part in sheet.items()})
        return
    for name, part in sheet.items():
        if isinstance(part, dict):
            classes = str(part["classes"]).replace("|", ", ")
            typer.echo(f"{part['fuel']}: {part['label']}; may be {classes}")
            if part["note"]:
                typer.echo(f"note: {part['note']}")
        elif part.is_empty():
            typer.echo(f"{name}: nothing known")
        else:
            print_frame(part.select(_SHOWN.get(name, part.columns)), as_json=False, title=name)


@app.command("compare")
def compare(
    region: Annotated[str, typer.Option(help="Country of production.")] = "China",
    year: Annotated[int, typer.Option(help="Year of the prices; another than 2024 needs --growth.")] = 2024,
    fuel: Annotated[list[str] | None, typer.Option(help="Only this fuel; repeatable.")] = None,
    gwp: Gwp = "AR5",
    growth: Annotated[
        float | None, typer.Option(help="Yearly growth of model costs, e.g. -0.02; 0 holds them.")
    ] = None,
    quotes: Annotated[Path | None, typer.Option(help="Own prices (table fuel_quotes): CSV or Parquet.")] = None,
    baseline_usd_per_gj: Annotated[float | None, typer.Option(help="Price of VLSFO, USD/GJ.")] = None,
    baseline_g_per_mj: Annotated[float | None, typer.Option(help="Well-to-wake emissions of VLSFO, g/MJ.")] = None,
    threshold: Annotated[str, typer.Option(help="Threshold: red_70 or nzf_zero.")] = "red_70",
    delivery_to: Annotated[str | None, typer.Option(help="Add land transport to SGSIN or NLRTM.")] = None,
    page: Annotated[Path | None, typer.Option(help="Write the picture as a page to this file (.html).")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare production pathways: emissions, cost, cost of a tonne avoided; a model, no market and no certificate."""
    from sisterport import fuels
    from sisterport.tables import read_file

    terms: dict[str, Any] = {"year": year, "fuels": fuel or None, "gwp": gwp, "growth_per_year": growth}
    terms |= {"quotes": None if quotes is None else read_file(quotes), "delivery_to": delivery_to}
    terms |= {"baseline_usd_per_gj": baseline_usd_per_gj, "baseline_g_per_mj": baseline_g_per_mj}
    table = fuels.compare(region, threshold_name=threshold, **terms)
    if page is not None:
        from sisterport.site.rules import fuels_page

        limit = fuels.threshold(threshold, year=year)
        named = {"name": limit.threshold, "value": limit.value_g_per_mj}
        fuels_page(page, table=table, threshold=named, title=f"Fuels made in {region}")
    if as_json:
        print_json(table.to_dicts())
        return
    shown = ("fuel", "pathway_type", "wtw_g_per_mj", "cost_usd_per_gj", "usd_per_t_avoided", "volume_factor",
             "below_threshold", "price_kind", "status", "note")  # fmt: skip
    print_frame(table.select(shown), as_json=False)
    typer.echo("note: no pathway is certified: a model is no certificate; green is what a certificate shows")
    if page is not None:
        typer.echo(f"wrote {page}")


@app.command("supply")
def supply(
    source: Annotated[
        Path | None, typer.Argument(help="Own register (table fuel_supply); none: the one that ships.")
    ] = None,
    fuel: Annotated[str | None, typer.Option(help="Only this fuel.")] = None,
    port: Annotated[str | None, typer.Option(help="Only this port, by UN/LOCODE or name.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="Only this state; repeatable.")] = None,
    to: Annotated[Path | None, typer.Option(help="Write the map to this file (.geojson).")] = None,
    as_json: AsJson = False,
) -> None:
    """Show where alternative fuels are or will be supplied; the sources are not complete, nothing is certified."""
    from sisterport import fuels
    from sisterport.fuels.supply import STATES

    rows = fuels.fuel_supply(source, fuel=fuel, port=port, states=tuple(state or STATES))
    if to is not None:
        fuels.supply_geojson(rows, path=to)
    shown = ("fuel", "locode", "state", "method", "from_date", "capacity_t_per_year", "confidence", "status", "source")
    print_frame(rows if as_json else rows.select(shown), as_json=as_json)
    if not as_json:
        typer.echo("note: what the sources call a fuel is not certified: none of it is green by its name")
        if to is not None:
            typer.echo(f"wrote {to}")
