"""``sisterport rules``: what each regulation costs a ship, a fleet and a corridor."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sisterport.cli.output import print_frame, print_json

if TYPE_CHECKING:
    from sisterport.project.compliance import Checked
    from sisterport.project.compliance_burnt import Burnt
    from sisterport.project.compliance_single import Single

app = typer.Typer(no_args_is_help=True, help="What each regulation asks of ships: arithmetic, not legal advice.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Page = Annotated[Path | None, typer.Option(help="Write the picture as a page to this file (.html).")]
Year = Annotated[int, typer.Option(help="Year.")]
Fuel = Annotated[
    list[str], typer.Argument(help="What was burnt: FUEL=TONNES, e.g. HFO=12000 MDO=1400.", metavar="FUEL=T")
]
Engine = Annotated[str, typer.Option(help="Engine that burns LNG: LPDF_4S, LPDF_2S, HPDF or LBSI.")]
Certified = Annotated[
    list[str] | None, typer.Option(help="Certified intensity of a biofuel or RFNBO, FUEL=g/MJ; repeatable.")
]
Crop = Annotated[list[str] | None, typer.Option(help="Fuel made from food or feed crops; repeatable.")]
Gwp = Annotated[str, typer.Option(help="Warming potentials: AR5 or AR4.")]
Unmeasured = Annotated[str, typer.Option(help="CH4 and N2O that the law leaves to be measured: zero or oil.")]
Gt = Annotated[float | None, typer.Option(help="Gross tonnage.")]
_SHOWN = 15


@app.command("check")
def check(
    source: Annotated[
        Path, typer.Argument(help="Folder of a run, voyages with fuel (CSV, Parquet), or a THETIS-MRV publication.")
    ],
    year: Annotated[
        int | None,
        typer.Option(
            help="Year whose law counts. Data of one other year count as if they were of it, and that is said."
        ),
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--as", help="What the source is: run, voyages or mrv; by default told from it.")
    ] = None,
    register: Annotated[Path | None, typer.Option(help="Register: class, GT and DWT of ships.")] = None,
    bunkers: Annotated[Path | None, typer.Option(help="Delivery notes with certificates, for voyages.")] = None,
    extras: Annotated[
        Path | None, typer.Option(help="Wind, ice, penalties before, shore electricity (table fueleu_ships).")
    ] = None,
    options: Annotated[
        list[str] | None,
        typer.Option("--set", help="Choice of method, name=value (docs: rules, options), e.g. gwp=AR4; repeatable."),
    ] = None,
    allowance_eur: Annotated[float | None, typer.Option(help="Price of an allowance, EUR/t.")] = None,
    nzf: Annotated[
        bool, typer.Option("--nzf", help="Take the Net-Zero Framework as adopted, which it is not.")
    ] = False,
    switch: Annotated[
        list[str] | None, typer.Option(help="Weigh a switch to this fuel: FUEL, or FUEL:E with its certified g/MJ.")
    ] = None,
    pool: Annotated[bool, typer.Option("--pool/--no-pool", help="Ships may pool their FuelEU balances.")] = True,
    borrow: Annotated[bool, typer.Option("--borrow/--no-borrow", help="Ships may borrow from the next year.")] = True,
    changes: Annotated[
        bool, typer.Option("--changes/--no-changes", help="Weigh what would change the costs of the fleet most.")
    ] = True,
    ship: Annotated[
        str, typer.Option(help="Print the account of this ship in full: imo:9074729, number or name.")
    ] = "",
    to: Annotated[Path | None, typer.Option(help="Folder to write tables, a manifest and the page into.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check ships under FuelEU, EU ETS, CII and (on request) the Net-Zero Framework, from their own movements."""
    from sisterport.errors import InputError
    from sisterport.project.compliance import check_files

    given: dict[str, Any] = {}
    wrong = [text for text in options or () if not all(part.strip() for part in text.partition("="))]
    if wrong:
        raise InputError("\n".join(f"--set wants name=value, got '{text}'" for text in wrong))
    for text in options or ():
        name, _, value = (part.strip() for part in text.partition("="))
        given[name] = value
    given |= {} if allowance_eur is None else {"allowance_eur": allowance_eur}
    given |= {"nzf": True} if nzf else {}
    found = check_files(
        source,
        year=year,
        kind=kind,
        register=register,
        bunkers=bunkers,
        extras=extras,
        given=given,
        switch=switch or (),
        pool=pool,
        borrow=borrow,
        weigh=changes,
        to=to,
    )
    _print_check(found, ship, to, as_json=as_json)


def _print_check(found: "Checked", ship: str, to: Path | None, *, as_json: bool) -> None:
    from sisterport.project.compliance import of_ship
    from sisterport.site.rules_sums import ratings, ships, sums

    rows = found.compliance if not ship else of_ship(found.compliance, ship)
    if as_json:
        print_json(
            {
                "source": found.kind,
                "outcomes": found.outcomes.to_dicts(),
                "sums": sums(rows).to_dicts(),
                "compliance": rows.to_dicts(),
                "costs": [] if found.account is None else found.account.costs.to_dicts(),
                "changes": [] if found.changes is None else found.changes.to_dicts(),
                "notes": found.notes,
                "files": found.files,
            }
        )
        return
    if ship:
        columns = ("year", "regulation", "quantity", "value", "word", "low", "high", "unit", "status", "note")
        print_frame(rows.select(columns), as_json=False, title=f"{rows['ship_id'][0]}: {rows['name'][0] or '-'}")
    else:
        print_frame(found.outcomes.select("regulation", "year", "ships", "outcome"), as_json=False)
        added = sums(rows)
        if added.height:
            print_frame(added, as_json=False, title="sums")
        rated = ratings(rows)
        if rated.height:
            print_frame(rated, as_json=False, title="CII ratings")
        wide = ships(rows)
        shown = ("name", "imo", "year", "fueleu_balance_t", "fueleu_eur", "ets_allowances_t", "ets_eur", "rating")
        print_frame(wide.head(_SHOWN).select(shown), as_json=False, title="ships, the dearest first")
        if wide.height > _SHOWN:
            typer.echo(f"({wide.height - _SHOWN:,} more: --to FOLDER writes all, --json prints them)")
        _print_fleet(found)
    _say(found.notes)
    if to is not None:
        typer.echo(f"wrote {len(found.files)} files to {to}: open rules.html")


def _print_fleet(found: "Checked") -> None:
    if found.account is None or found.account.costs.is_empty():
        return
    print_frame(found.account.costs, as_json=False, title="the fleet, FuelEU by its cheapest legal pools")
    if found.changes is not None:
        shown = ("change", "energy_gj", "saving_eur", "saving_eur_per_gj")
        print_frame(found.changes.select(shown), as_json=False, title="what the first hundredth of a change would save")


@app.command("fueleu")
def fueleu(
    fuel: Fuel,
    year: Year,
    scope_share: Annotated[float, typer.Option(help="Share that counts: 1 within the EEA, 0.5 to or from it.")] = 1.0,
    shore_mwh: Annotated[float, typer.Option(help="Electricity from shore, MWh.")] = 0.0,
    wind_ratio: Annotated[float | None, typer.Option(help="Wind-assisted over propulsion power.")] = None,
    penalties_before: Annotated[int, typer.Option(help="Years with a penalty right before.")] = 0,
    certified: Certified = None,
    crop: Crop = None,
    engine: Engine = "",
    gwp: Gwp = "AR5",
    unmeasured: Unmeasured = "zero",
    page: Page = None,
    as_json: AsJson = False,
) -> None:
    """FuelEU Maritime: intensity, limit, compliance balance and penalty of a ship, and over the years to 2050."""
    from sisterport.project.compliance_burnt import burnt
    from sisterport.project.compliance_single import fueleu
    from sisterport.units import KWH_PER_MJ, KWH_PER_MWH

    found = fueleu(
        burnt(fuel, engine=engine, certified=certified or (), crops=crop or ()),
        year=year,
        scope_share=scope_share,
        shore_mj=shore_mwh * KWH_PER_MWH / KWH_PER_MJ,
        wind_ratio=wind_ratio,
        penalties_before=penalties_before,
        gwp=gwp,
        unmeasured=unmeasured,
    )
    shown = ("year", "limit_g_per_mj", "intensity_g_per_mj", "balance_t", "penalty_eur")
    _print_single("fueleu", found, shown, page, as_json=as_json, steps="limit_g_per_mj")


@app.command("ets")
def ets(
    fuel: Fuel,
    year: Year,
    kind: Annotated[str | None, typer.Option(help="Kind of voyage: intra, extra, berth or none.")] = None,
    scope_share: Annotated[float | None, typer.Option(help="Share that counts, instead of a kind.")] = None,
    zero_rated: Annotated[bool, typer.Option("--zero-rated", help="Certified fuels count no CO2.")] = False,
    ice_class: Annotated[bool, typer.Option("--ice-class", help="Ice class IA or better (unverified).")] = False,
    allowance_eur: Annotated[float | None, typer.Option(help="Price of an allowance, EUR/t.")] = None,
    certified: Certified = None,
    engine: Engine = "",
    unmeasured: Unmeasured = "zero",
    page: Page = None,
    as_json: AsJson = False,
) -> None:
    """EU ETS: allowances of a ship's fuel and what they cost, by the phase of the year."""
    from sisterport.project.compliance_burnt import burnt
    from sisterport.project.compliance_single import ets_costs

    found = ets_costs(
        burnt(fuel, engine=engine, certified=certified or ()),
        year=year,
        kind=kind,
        scope_share=scope_share,
        zero_rated=zero_rated,
        ice_class=ice_class,
        allowance_eur=allowance_eur,
        unmeasured=unmeasured,
    )
    shown = ("year", "phase_in", "scope_share", "co2e_t", "allowances", "allowance_eur", "cost_eur", "ch4_n2o")
    _print_single("ets", found, shown, page, as_json=as_json)


@app.command("cii")
def cii(
    year: Year,
    ship_type: Annotated[str, typer.Option("--type", help="Ship type or class: tanker, bulk_carrier, container ...")],
    distance_nm: Annotated[float, typer.Option(help="Distance of the year, nm.")],
    fuel: Annotated[
        list[str] | None, typer.Argument(help="What was burnt, FUEL=TONNES; or give --co2-t.", metavar="FUEL=T")
    ] = None,
    co2_t: Annotated[float | None, typer.Option(help="CO2 of the year, t, instead of fuel.")] = None,
    dwt_t: Annotated[float | None, typer.Option(help="Deadweight, t.")] = None,
    gt: Gt = None,
    engine: Engine = "",
    lng_line: Annotated[
        str, typer.Option(help="CII line of small LNG carriers: as_printed or one_value.")
    ] = "as_printed",
    page: Page = None,
    as_json: AsJson = False,
) -> None:
    """IMO CII: attained and required intensity of a ship, its rating, and the bands to 2030."""
    from sisterport.errors import InputError
    from sisterport.project.compliance_burnt import burnt
    from sisterport.project.compliance_burnt import co2_t as co2_of
    from sisterport.project.compliance_single import cii_rating

    if bool(fuel) == (co2_t is not None):
        raise InputError("give either fuel (FUEL=TONNES) or --co2-t")
    carbon = co2_of(burnt(fuel, engine=engine)) if fuel else float(co2_t or 0.0)
    found = cii_rating(
        ship_type=ship_type, year=year, distance_nm=distance_nm, co2=carbon, dwt_t=dwt_t, gt=gt, lng_line=lng_line
    )
    shown = ("year", "required", "a_below", "b_below", "c_below", "d_below", "attained", "rating")
    _print_single("cii", found, shown, page, as_json=as_json)


@app.command("netzero")
def netzero(
    year: Year,
    fuel: Annotated[
        list[str] | None,
        typer.Argument(help="What was burnt, FUEL=TONNES; or give --gfi and --energy-gj.", metavar="FUEL=T"),
    ] = None,
    gfi: Annotated[float | None, typer.Option(help="Attained intensity, g/MJ, instead of fuel.")] = None,
    energy_gj: Annotated[float | None, typer.Option(help="Energy of the year, GJ, with --gfi.")] = None,
    gt: Gt = None,
    adopted: Annotated[bool, typer.Option("--adopted", help="Take it as adopted, which it is not.")] = False,
    start_year: Annotated[int | None, typer.Option(help="First year in which something is due.")] = None,
    schedule: Annotated[str, typer.Option(help="calendar: targets stay with their years; or shifted.")] = "calendar",
    tier1_usd_per_t: Annotated[float | None, typer.Option(help="Own price, needed after 2030.")] = None,
    tier2_usd_per_t: Annotated[float | None, typer.Option(help="Likewise.")] = None,
    usd_per_eur: Annotated[float | None, typer.Option(help="Exchange rate.")] = None,
    certified: Certified = None,
    crop: Crop = None,
    engine: Engine = "",
    gwp: Gwp = "AR5",
    unmeasured: Unmeasured = "zero",
    page: Page = None,
    as_json: AsJson = False,
) -> None:
    """IMO Net-Zero Framework, a scenario: both tiers, surplus units and cost of a ship."""
    from sisterport.errors import InputError
    from sisterport.project.compliance_burnt import burnt, intensity
    from sisterport.project.compliance_single import net_zero
    from sisterport.units import MJ_PER_GJ

    if bool(fuel) == (gfi is not None) or (gfi is None) != (energy_gj is None):
        raise InputError("give either fuel (FUEL=TONNES) or both --gfi and --energy-gj")
    notes: list[str] = []
    if fuel:
        taken: Burnt = burnt(fuel, engine=engine, certified=certified or (), crops=crop or ())
        gfi, energy_mj = intensity(taken, gwp=gwp, unmeasured=unmeasured)
        notes = [*taken.notes, "Intensity with the factors of FuelEU Annex II; those of the IMO are not complete."]
    else:
        energy_mj = float(energy_gj or 0.0) * MJ_PER_GJ
    found = net_zero(
        year=year,
        gfi=float(gfi or 0.0),
        energy_mj=energy_mj,
        gt=gt,
        adopted=adopted,
        start_year=start_year,
        schedule=schedule,
        tier1_usd_per_t=tier1_usd_per_t,
        tier2_usd_per_t=tier2_usd_per_t,
        own_usd_per_eur=usd_per_eur,
        notes=notes,
    )
    shown = ("year", "base_g_per_mj", "direct_g_per_mj", "tier1_t", "tier2_t", "surplus_t", "cost_usd", "reason")
    _print_single("netzero", found, shown, page, as_json=as_json)


@app.command("at-berth")
def at_berth(
    source: Annotated[
        Path, typer.Argument(help="Visits (table carb_visits); or, with --connections, stays or the folder of a run.")
    ],
    connections: Annotated[
        Path | None, typer.Option(help="Records of connections: CSV, or DCSA Port Call events (.json).")
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="The records are complete: a stay without one had no control.")
    ] = False,
    page: Page = None,
    as_json: AsJson = False,
) -> None:
    """California's At Berth regulation: the outcome of every visit, and why."""
    from sisterport.project.compliance_visits import visits_of

    rows, notes = visits_of(source, connections=connections, complete=complete)
    counts = rows.group_by("outcome", "reason", maintain_order=True).len("visits")
    counts = counts.sort("visits", "outcome", "reason", descending=[True, False, False])
    if page is not None:
        from sisterport.site.rules import at_berth_page

        at_berth_page(page, outcomes=rows, title="Visits to California's ports", notes=notes)
    if as_json:
        print_json({"visits": rows.to_dicts(), "counts": counts.to_dicts(), "notes": notes})
        return
    print_frame(counts.select("visits", "outcome", "reason"), as_json=False)
    shown = ("call_id", "ship_class", "locode", "arrival_utc", "berth_h", "uncontrolled_h", "outcome", "reason")
    print_frame(rows.head(_SHOWN).select(shown), as_json=False, title="visits")
    if rows.height > _SHOWN:
        typer.echo(f"({rows.height - _SHOWN:,} more with --json)")
    _say(notes)
    _wrote(page)


def _print_single(
    law: str, found: "Single", shown: Sequence[str], page: Path | None, *, as_json: bool, steps: str = ""
) -> None:
    """Print the year that was asked for and the years of the law; `steps`: only years in which this column changes."""
    from sisterport.project.compliance_single import shown as known

    if page is not None:
        from sisterport.site.rules import ship_page

        ship_page(page, law, found=found.found, years=found.years, title="One ship", notes=found.notes)
    if as_json:
        print_json({**found.found, "years": found.years.to_dicts(), "notes": found.notes})
        return
    facts = known(found.found)
    width = max(map(len, facts))
    for name, value in facts.items():
        text = f"{value:,.2f}" if isinstance(value, float) and abs(value) >= 1e3 else value
        typer.echo(f"{name:>{width}}  {f'{text:.6g}' if isinstance(text, float) else text}")
    years = found.years.select(shown)
    if steps:
        years = years.filter(years[steps].ne_missing(years[steps].shift(1)) | (years["year"] == found.found["year"]))
    print_frame(years, as_json=False, title="the same ship over the years")
    _say(found.notes)
    _wrote(page)


def _say(notes: Sequence[str]) -> None:
    for note in notes:
        typer.echo(f"note: {note}")


def _wrote(page: Path | None) -> None:
    if page is not None:
        typer.echo(f"wrote {page}")
