"""The rows of the table ``compliance`` that EU-MRV reports come to, and how many reports have which outcome."""

import polars as pl

from sisterport.reference import load, value
from sisterport.rules.cii import ratings
from sisterport.rules.compliance import cii_rows
from sisterport.rules.coverage import covered
from sisterport.rules.movement_scope import in_force
from sisterport.rules.mrv_accounts import mrv_ets, mrv_fueleu, weighed
from sisterport.rules.mrv_mix import Mixes
from sisterport.rules.prices import allowance_price
from sisterport.rules.tidy import tidy
from sisterport.units import G_PER_KG

_ALIKE = "the same mix on all voyages and at berth assumed; Norway and Iceland cannot be told apart"


def count(regulation: str, outcomes: pl.Series) -> pl.DataFrame:
    """Return how many reports came to which outcome.

    Examples
    --------
    >>> count("cii", pl.Series(["rated", "rated"])).rows()
    [('cii', 'rated', 2)]
    """
    frame = pl.DataFrame({"outcome": outcomes.cast(pl.String)}).with_columns(regulation=pl.lit(regulation))
    return frame.group_by("regulation", "outcome").agg(pl.len().cast(pl.Int64).alias("reports"))


def _told(own: pl.DataFrame, found: pl.DataFrame, law_year: int) -> pl.DataFrame:
    """Join results to the ships of their reports."""
    return own.select("row", "ship_id", "imo", "name", "several", year=pl.lit(law_year, pl.Int64)).join(
        found, on="row", how="inner", maintain_order="left"
    )


def _row_said(*more: str) -> pl.Expr:
    return pl.concat_str(pl.format("EU-MRV row {}", "row"), *more, separator="; ", ignore_nulls=True)


def _join_notes(*notes: pl.Expr) -> pl.Expr:
    return pl.concat_str(*notes, separator="; ", ignore_nulls=True).alias("note")


def _small(own: pl.DataFrame, law_year: int, regulation: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Part reports of ships that a register makes too small; return the others, and rows and counts of the small."""
    ships = own.select(
        ship_id=pl.col("row").cast(pl.String),
        year=pl.lit(law_year, pl.Int64),
        ship_class=pl.lit(None, pl.String),
        gt="gt",
    )
    said = covered(ships).filter(pl.col("regulation") == regulation, ~pl.col("applies"))
    out = said.select(pl.col("ship_id").cast(pl.Int64).alias("row"), "clause", "status", why="reason")
    wide = _told(own, out, law_year).with_columns(applies=pl.lit(0.0), note=pl.col("why"), source_row=_row_said())
    told = tidy(wide, regulation=regulation, quantities={"applies": ("applies", "")})
    return own.join(out, on="row", how="anti", maintain_order="left"), told, count(regulation, out["why"])


def _absent(own: pl.DataFrame, law_year: int, regulation: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows that say that a law is not in force in a year."""
    why = f"not in force in {law_year}"
    wide = _told(own, own.select("row"), law_year).with_columns(
        applies=pl.lit(0.0), note=pl.lit(why), source_row=_row_said()
    )
    return (
        tidy(wide, regulation=regulation, quantities={"applies": ("applies", "")}),
        count(regulation, pl.Series([why] * own.height, dtype=pl.String)),
    )


def fueleu_rows(
    own: pl.DataFrame, mixes: Mixes, law_year: int, laws: dict[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows and counts of FuelEU: the balance as a range over the mixes.

    Examples
    --------
    See `sisterport.rules.from_mrv.from_mrv`.
    """
    if not in_force("fueleu", law_year):
        return _absent(own, law_year, "fueleu")
    own, small, small_count = _small(own, law_year, "fueleu")
    found = mrv_fueleu(own, mixes, year=law_year, gwp=laws["gwp"], unmeasured=laws["unmeasured"])
    shares = weighed(own, "fueleu").select("row", "parts_note")
    wide = _told(own, shares.join(found, on="row", how="left").join(mixes.reasons, on="row", how="left"), law_year)
    assumed = pl.when(pl.col("balance_t").is_not_null()).then(
        pl.format(f"middle of the range over {{}} mixes of fuels; {_ALIKE}", "mixes")
    )
    wide = wide.with_columns(
        applies=pl.lit(1.0),
        balance_t_note=pl.coalesce(assumed, pl.format("not computable: {}", "mix_reason")),
        note=_join_notes(pl.col("parts_note"), pl.col("several")),
        source_row=_row_said("rows"),
    )
    quantities = {
        "energy_mj": ("energy", "MJ"),
        "intensity_g_per_mj": ("intensity", "g/MJ"),
        "limit_g_per_mj": ("limit", "g/MJ"),
        "balance_t": ("balance", "t CO2e"),
        "penalty_eur": ("penalty", "EUR"),
    }
    outcome = wide.select(
        pl.coalesce(pl.lit("not computable: ") + pl.col("mix_reason").str.replace(r" is .*,", ""), pl.lit("range"))
    )
    told = tidy(wide, regulation="fueleu", quantities=quantities)
    return pl.concat([told, small]), pl.concat([count("fueleu", outcome.to_series()), small_count])


def ets_rows(
    own: pl.DataFrame, mixes: Mixes, law_year: int, unmeasured: str, allowance_eur: float | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows and counts of the ETS: allowances and their cost.

    Examples
    --------
    See `sisterport.rules.from_mrv.from_mrv`.
    """
    if not in_force("ets", law_year):
        return _absent(own, law_year, "ets")
    own, small, small_count = _small(own, law_year, "ets")
    price = allowance_price(law_year, allowance_eur)
    found = mrv_ets(own, mixes, year=law_year, unmeasured=unmeasured)
    notes = weighed(own, "ets").select("row", "parts_note")
    wide = _told(own, found.join(notes, on="row", how="left"), law_year)
    open_ = pl.col("allowances_high") > pl.col("allowances_low")
    wide = wide.with_columns(
        cost=pl.col("allowances") * price.value,
        cost_low=pl.col("allowances_low") * price.value,
        cost_high=pl.col("allowances_high") * price.value,
        cost_note=pl.lit(f"{price.value:g} {price.unit} ({price.note})"),
        allowances_note=pl.when(open_).then(pl.lit("middle of the range")),
        note=_join_notes(pl.col("parts_note"), pl.col("several")),
        source_row=_row_said(),
    )
    quantities = {
        "scope_t": ("co2", "t CO2"),
        "allowances": ("allowances", "t CO2e"),
        "cost": ("cost", "EUR"),
    }
    known = wide.select(
        pl.when(pl.col("parts_note").is_not_null())
        .then(pl.lit("range: parts and total differ"))
        .otherwise(pl.lit("computed"))
    )
    told = tidy(wide, regulation="ets", quantities=quantities)
    return pl.concat([told, small]), pl.concat([count("ets", known.to_series()), small_count])


def size_rows(own: pl.DataFrame, law_year: int, lng_line: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows and counts of the CII, which needs a register for the size.

    Examples
    --------
    See `sisterport.rules.from_mrv.from_mrv`.
    """
    if law_year not in load("cii_reduction_factors")["year"].to_list():
        return _absent(own, law_year, "cii")
    distance = G_PER_KG * pl.col("fuel_t") / pl.col("kg_per_nm")
    speed = pl.col("distance_nm") / pl.col("hours_at_sea")
    ships = own.with_columns(year=pl.col("law_year"), distance_nm=distance).with_columns(
        odd=~speed.is_between(value("mrv_speed_min_kn"), value("mrv_speed_max_kn")).fill_null(value=False)
    )
    ships = ships.with_columns(pl.when(~pl.col("odd")).then("distance_nm").alias("distance_nm"))
    rated = ratings(ships, lng_line=lng_line).with_columns(own["row"])
    outcome = pl.when(pl.col("rating").is_not_null()).then(pl.lit("rated")).otherwise("reason")
    told = cii_rows(rated.drop("row"))
    # several reports of a ship stay in their order: the rows of each quantity stand in the order of the reports
    numbered = _with_report(told, rated)
    note = pl.when(pl.col("quantity") == "rating").then(
        _join_notes(pl.col("note"), pl.lit("voyages of the report only"))
    )
    return numbered.with_columns(note.otherwise("note").alias("note")), count("cii", rated.select(outcome).to_series())


def _with_report(told: pl.DataFrame, rated: pl.DataFrame) -> pl.DataFrame:
    """Put the report's row in front of the reference rows."""
    order = pl.int_range(pl.len()).over("ship_id", "quantity")
    rows = rated.with_columns(number=pl.int_range(pl.len()).over("ship_id")).select("ship_id", "number", "row")
    joined = told.with_columns(number=order).join(rows, on=["ship_id", "number"], how="left", maintain_order="left")
    return joined.with_columns(source_row=_row_said("source_row")).drop("number", "row")
