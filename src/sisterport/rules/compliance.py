"""From movements to compliance: FuelEU, ETS, CII and Net-Zero Framework of each ship and year, in one tidy frame."""

from typing import Any

import polars as pl

from sisterport import tables
from sisterport.reference import load
from sisterport.rules.accounts import KEYS, cii_account, ets_account, fueleu_account, nzf_account
from sisterport.rules.clauses import worst
from sisterport.rules.coverage import covered
from sisterport.rules.movement_notes import movement_notes
from sisterport.rules.movement_scope import in_force, in_scope
from sisterport.rules.prices import Rate, allowance_price, usd_per_eur
from sisterport.rules.rule_options import RuleOptions
from sisterport.rules.scope import REGULATIONS
from sisterport.rules.tidy import tidy

_NAMES = ("imo", "name", "ship_class", "gt")
_FUELEU = {
    "energy_mj": ("energy", "MJ"),
    "intensity_g_per_mj": ("intensity", "g/MJ"),
    "limit_g_per_mj": ("limit", "g/MJ"),
    "balance_t": ("balance", "t CO2e"),
    "penalty_eur": ("penalty", "EUR"),
    "rfnbo_share": ("rfnbo_share", "-"),
    "shore_mj": ("shore_energy", "MJ"),
}
_ETS = {"co2e_t": ("co2e", "t CO2e"), "allowances": ("allowances", "t CO2e"), "cost_eur": ("cost", "EUR")}
_NZF = {
    "gfi_g_per_mj": ("intensity", "g/MJ"),
    "energy_mj": ("energy", "MJ"),
    "tier1_t": ("tier1", "t CO2e"),
    "tier2_t": ("tier2", "t CO2e"),
    "surplus_t": ("surplus", "t CO2e"),
    "cost_usd": ("cost", "USD"),
    "cost_eur": ("cost_in_eur", "EUR"),
}


def compliance(movements: Any, *, options: RuleOptions | None = None, extras: Any = None) -> pl.DataFrame:
    """Return what each regulation makes of each ship and year.

    Parameters
    ----------
    movements
        Frame of the table ``movements``: of an inventory (`movements.movements`) or of voyages
        (`voyages.voyage_movements`).
    options
        Choices of method; None takes the defaults of `RuleOptions`.
    extras
        Frame of the table ``fueleu_ships``: wind propulsion, ice, penalties before, further electricity from shore.

    Returns
    -------
    polars.DataFrame
        Table ``compliance``. Each ship and year has a row ``applies`` (1 or 0, the note says why) for each regulation;
        where it applies, the quantities follow. Costs are those of the ship alone: pools are `fleet.fleet_account`.

    Raises
    ------
    SchemaError, InputError, ReferenceDataError
        Frames that do not fit, ports that are not known, no price up to a year.

    Examples
    --------
    >>> from sisterport.rules.voyages import read_movements
    >>> row = {"voyage_id": "1", "imo": 9074729, "from_locode": "SGSIN", "to_locode": "NLRTM", "fuel": "HFO"}
    >>> row |= {"departure_utc": "2026-01-01T00:00:00", "arrival_utc": "2026-01-25T00:00:00", "mass_t": 1000.0}
    >>> found = compliance(read_movements(pl.DataFrame([row | {"gt": 90_000.0, "ship_class": "container"}])))
    >>> found.filter(quantity="balance")["value"].round(2).item()
    -45.85
    """
    chosen = options or RuleOptions()
    rows = in_scope(
        movements,
        efta=chosen.efta,
        transhipment=chosen.transhipment,
        outermost_derogation=chosen.outermost_derogation,
    )
    more = tables.check(tables.empty("fueleu_ships") if extras is None else extras, "fueleu_ships")
    ships = rows.group_by(KEYS, maintain_order=True).agg(pl.col(name).drop_nulls().first() for name in _NAMES)
    notes = movement_notes(rows)
    parts = [
        *_european(rows, ships, more, chosen),
        _cii(rows, chosen),
        _nzf(rows, chosen),
    ]
    names = ships.select(*KEYS, "imo", "name")
    joined = pl.concat(parts, how="diagonal_relaxed").drop("imo", "name").join(names, on=KEYS, how="left")
    return tables.check(_with_notes(joined, notes), "compliance").sort(
        "ship_id", "year", "regulation", maintain_order=True
    )


def _with_notes(rows: pl.DataFrame, notes: pl.DataFrame) -> pl.DataFrame:
    """Put what is to be known of the movements on the row ``applies`` of each regulation."""
    told = rows.join(notes, on=[*KEYS, "regulation"], how="left", maintain_order="left")
    both = pl.concat_str("note", "movement_note", separator="; ", ignore_nulls=True)
    first = pl.col("quantity") == "applies"
    return told.with_columns(pl.when(first & (both != "")).then(both).otherwise("note").alias("note"))


def _european(
    rows: pl.DataFrame, ships: pl.DataFrame, extras: pl.DataFrame, options: RuleOptions
) -> list[pl.DataFrame]:
    """Return the rows of FuelEU and the ETS."""
    applies = covered(ships)
    accounts = {"fueleu": lambda own: fueleu_account(own, extras, options), "ets": lambda own: _priced(own, options)}
    quantities = {"fueleu": _FUELEU, "ets": _ETS}
    parts = []
    for regulation in REGULATIONS:
        said = applies.filter(pl.col("regulation") == regulation).rename({"reason": "note"})
        parts.append(tidy(said.drop("regulation"), regulation=regulation, quantities={"applies": ("applies", "")}))
        own = rows.join(said.filter("applies").select(KEYS), on=KEYS, how="semi", maintain_order="left")
        if own.height:
            account = accounts[regulation](own)
            wide = account.rename({"rows": "source_row"}, strict=False)
            parts.append(tidy(wide, regulation=regulation, quantities=quantities[regulation]))
    return parts


def _priced(rows: pl.DataFrame, options: RuleOptions) -> pl.DataFrame:
    """Return the account of the ETS with its cost, the price in the note."""
    account = ets_account(rows, options)
    prices = {year: allowance_price(year, options.allowance_eur) for year in account["year"].unique().sort()}
    price = _by_year({year: rate.value for year, rate in prices.items()})
    status = [
        worst([own, prices[year].status] if prices[year].status else [own]) if own else None
        for own, year in account.select("status", "year").iter_rows()
    ]
    return account.with_columns(
        cost_eur=pl.col("allowances") * price,
        cost_eur_low=pl.col("allowances_low") * price,
        cost_eur_high=pl.col("allowances_high") * price,
        cost_eur_note=_words_by_year({year: _said(rate) for year, rate in prices.items()}),
        source_row=_words_by_year({year: f"eu_ets_maritime: phase_in, {year}" for year in prices}),
        status=pl.Series(status, dtype=pl.String),
    )


def _said(rate: Rate) -> str:
    return f"{rate.value:g} {rate.unit} ({rate.note})"


def _by_year(values: dict[int, float]) -> pl.Expr:
    return pl.col("year").replace_strict(values, default=None, return_dtype=pl.Float64)


def _words_by_year(words: dict[int, str]) -> pl.Expr:
    return pl.col("year").replace_strict(words, default=None, return_dtype=pl.String)


def _cii(rows: pl.DataFrame, options: RuleOptions) -> pl.DataFrame:
    """Return the rows of the CII; years without a reduction factor say so."""
    known = load("cii_reduction_factors")["year"].cast(pl.Int64).to_list()
    ships = rows.select(KEYS).unique(maintain_order=True)
    beyond = ships.filter(~pl.col("year").is_in(known)).with_columns(
        applies=pl.lit(0.0), note=pl.lit("cii_reduction_factors has no row for that year")
    )
    rated = cii_account(rows.filter(pl.col("year").is_in(known)), options)
    return pl.concat(
        [cii_rows(rated), tidy(beyond, regulation="cii", quantities={"applies": ("applies", "")})],
        how="diagonal_relaxed",
    )


def cii_rows(rated: pl.DataFrame) -> pl.DataFrame:
    """Return the table ``cii_ratings`` as rows of the table ``compliance``; numbers only where there is a rating.

    Examples
    --------
    >>> from sisterport.rules.cii import ratings
    >>> ship = {"ship_id": ["imo:1"], "ship_type": ["tanker"], "co2_t": [51381.0], "distance_nm": [75000.0]}
    >>> cii_rows(ratings(pl.DataFrame(ship | {"year": [2026], "dwt_t": [None]}))).select("quantity", "note").row(1)
    ('rating', 'not computable: DWT missing')
    """
    wide = rated.with_columns(
        applies=pl.col("scope") != "not in scope",
        applies_note=pl.coalesce("reason", "scope"),
        rating_note=pl.coalesce("reason", "not_covered"),
        source_row=pl.format("cii_reference_lines: {}", "reference_row"),
    )
    parts = [tidy(wide, regulation="cii", quantities={"applies": ("applies", "")}, words={"rating": "rating"})]
    for capacity, unit in (("dwt", "g/(t nm)"), ("gt", "g/(GT nm)")):
        own = wide.filter(pl.col("reason").is_null() & (pl.col("capacity_unit") == capacity))
        numbers = {"attained": ("attained", unit), "required": ("required", unit), "ratio": ("ratio", "-")}
        parts.append(tidy(own, regulation="cii", quantities=numbers))
    return pl.concat(parts)


def _nzf(rows: pl.DataFrame, options: RuleOptions) -> pl.DataFrame:
    """Return the rows of the Net-Zero Framework: that it is off, or the scenario."""
    possible = [year for year in rows["year"].unique() if in_force("fueleu", year)]
    mine = rows.filter(pl.col("year").is_in(possible)) if options.nzf else rows.clear()
    account = nzf_account(mine, options) if mine.height else None
    ships = rows.select(KEYS).unique(maintain_order=True)
    if account is None:
        note = "not adopted: not applied (nzf=False)" if not options.nzf else "before the first factors of FuelEU"
        off = ships.with_columns(applies=pl.lit(0.0), note=pl.lit(note))
        return tidy(off, regulation="nzf", quantities={"applies": ("applies", "")})
    rates = {year: usd_per_eur(year, options.usd_per_eur) for year in account["year"].unique()}
    wide = account.with_columns(
        applies_note=pl.col("reason"),
        cost_eur=pl.col("cost_usd") / _by_year({year: rate.value for year, rate in rates.items()}),
        cost_eur_note=_words_by_year({year: _said(rate) for year, rate in rates.items()}),
        gfi_g_per_mj_note=pl.lit("factors of FuelEU Annex II"),
        source_row=pl.format("imo_nzf_targets: {}", "targets_year"),
        status=pl.col("status").replace("not applied", None),
    )
    told = tidy(wide, regulation="nzf", quantities={"applies": ("applies", ""), **_NZF})
    rest = ships.join(account.select(KEYS), on=KEYS, how="anti").with_columns(
        applies=pl.lit(0.0), note=pl.lit("no fuel, or a year before the first factors of FuelEU")
    )
    return pl.concat(
        [told, tidy(rest, regulation="nzf", quantities={"applies": ("applies", "")})], how="diagonal_relaxed"
    )
