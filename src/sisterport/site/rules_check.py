"""The page of a check: what each regulation makes of ships, with a picture for each and the reasons for gaps."""

from typing import TYPE_CHECKING, Any

import polars as pl

from sisterport.errors import ReferenceDataError
from sisterport.reference import load
from sisterport.rules.cii_formulas import BOUNDS
from sisterport.rules.fueleu import limit
from sisterport.rules.netzero_targets import target_rows
from sisterport.site import rules_charts as drawn
from sisterport.site import rules_tables as in_figures
from sisterport.site.charts import NAVY
from sisterport.site.digits import counted, number
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.rules_bands import RATING_COLOURS, ratio_bands
from sisterport.site.rules_parts import LAWS, short
from sisterport.site.rules_sums import RATINGS, by_report, ratings, ships, sums
from sisterport.site.tabulate import Column, tabulate
from sisterport.tables import check

if TYPE_CHECKING:
    from sisterport.rules.fleet import FleetAccount

KIND = "Rules: what they ask of ships"
MOST = 16
"""Ships that are drawn, those with most of it."""
TABLE = "The numbers are in the table below."


def page(
    *,
    compliance: Any,
    outcomes: pl.DataFrame,
    account: "FleetAccount | None" = None,
    changes: pl.DataFrame | None = None,
) -> Content:
    """Return what the page says."""
    rows = check(compliance, "compliance")
    if rows.is_empty():
        return Content(kind=KIND, lead="There is no ship, so no regulation asks anything.")
    wide = _named(ships(rows))
    sections = [_fueleu(rows, wide), _ets(rows, wide), _cii(rows), _nzf(rows)]
    more = [] if account is None else [in_figures.fleet(account, changes)]
    kept = [section for section in (*sections, *more) if section is not None]
    return Content(
        kind=KIND,
        lead=_lead(rows, outcomes),
        numbers=_numbers(rows, account),
        reserve=_reserve(rows),
        sections=[*kept, in_figures.table(wide), in_figures.told(outcomes), in_figures.sources(rows)],
    )


def _named(wide: pl.DataFrame) -> pl.DataFrame:
    """Add ``label``: name, year where there are several, row of the sheet where a ship has several reports."""
    years = pl.format(", {}", "year") if wide["year"].n_unique() > 1 else pl.lit("")
    twice = pl.when(pl.struct("ship_id", "year").is_duplicated()).then(pl.format(" (row {})", "report"))
    name = pl.coalesce(pl.col("name").replace("", None), "ship_id")
    label = pl.concat_str(name, years, twice.otherwise(pl.lit("")))
    same = wide.with_columns(label=label)
    other = pl.when(pl.col("label").is_duplicated()).then(pl.format("{} {}", "label", "ship_id"))
    return same.with_columns(label=other.otherwise("label"))


def _lead(rows: pl.DataFrame, outcomes: pl.DataFrame) -> str:
    count = rows["ship_id"].n_unique()
    years = rows["year"].unique().sort().to_list()
    said = [f"{counted(count, 'ship')} by the law of {', '.join(map(str, years))}"]
    for law, name in LAWS.items():
        of_law = outcomes.filter(pl.col("regulation") == law)
        good = of_law.filter(
            ~pl.col("outcome").str.contains("does not apply|not computable|not in |no IMO|not adopted")
        )
        if of_law.height:
            said.append(f"{name}: {number(int(good['ships'].sum()))} of {number(int(of_law['ships'].sum()))}")
    return f"{said[0]}. Accounts under {'; '.join(said[1:])}. Why the others have none stands below."


def _numbers(rows: pl.DataFrame, account: "FleetAccount | None") -> list[Number]:
    total = {(law, name): (value, low, high) for law, name, value, low, high in _totals(rows).iter_rows()}
    found = []

    def add(law: str, quantity: str, label: str, unit: str, note: str) -> None:
        if (law, quantity) in total:
            value, low, high = total[law, quantity]
            spread = "" if low == high else f" From {short(low, unit)} to {short(high, unit)}."
            found.append(Number(label, short(value, unit), note + spread))

    add("fueleu", "balance", "FuelEU balance", "t", "Below zero: deficit, CO₂e.")
    add("fueleu", "penalty", "FuelEU penalty", "EUR", "Each ship alone.")
    add("ets", "allowances", "ETS allowances", "t", "After phase-in.")
    add("ets", "cost", "ETS cost", "EUR", "At the price in the notes of the rows.")
    add("nzf", "cost_in_eur", "Net-Zero Framework", "EUR", "Taken as adopted, which it is not.")
    rated = ratings(rows)
    if rated.height:
        worst = rated.filter(pl.col("rating").is_in(list(RATINGS[-2:])))["ships"].sum()
        found.append(Number("CII rated D or E", f"{int(worst)}", f"Of {counted(int(rated['ships'].sum()), 'rating')}."))
    if account is not None and account.plan is not None:
        found.append(Number("FuelEU, pooled", short(account.plan.cost_eur, "EUR"), "Cheapest legal plan of the fleet."))
    return found


def _totals(rows: pl.DataFrame) -> pl.DataFrame:
    return sums(rows).group_by("regulation", "quantity", maintain_order=True).agg(pl.col("value", "low", "high").sum())


def _reserve(rows: pl.DataFrame) -> list[str]:
    said = ["Costs are those of the rules alone: fuel, electricity and work are not in them."]
    if rows["status"].eq_missing("unverified").any():
        said.append("Some figures rest on unverified numbers: see the statuses at the end.")
    if (rows["low"] < rows["high"]).fill_null(value=False).any():
        said.append(
            "Where something is not known the account is a range; its value is the end or middle that is named."
        )
    return said


def _worst(wide: pl.DataFrame, column: str, *, least: bool) -> pl.DataFrame:
    """Return the ships with most of an amount as name, value, low, high, kind."""
    kept = wide.drop_nulls(column).filter(pl.col(column) != 0)
    ordered = kept.sort(column, "label", descending=[not least, False]).head(MOST)
    return ordered.select(
        pl.col(column).alias("value"),
        pl.col(f"{column}_low").alias("low"),
        pl.col(f"{column}_high").alias("high"),
        name="label",
        kind=pl.when(pl.col(column) < 0).then(pl.lit("Deficit")).otherwise(pl.lit("Surplus")),
    )


def _fueleu(rows: pl.DataFrame, wide: pl.DataFrame) -> Section | None:
    own = rows.filter(pl.col("regulation") == "fueleu", pl.col("quantity") == "intensity").drop_nulls("value")
    if own.is_empty():
        return None
    first, last = _first_year(), max(int(own["year"].max()), _last_step())  # type: ignore[arg-type]
    points = own.select("year", "value", "low", "high", label=pl.coalesce("name", "ship_id")).sort("value")
    shown = _spread(points)
    told = (
        f" Of {points.height} accounts only the least, the middle and the most are drawn."
        if shown is not points
        else ""
    )
    parts: list[Any] = [
        picture(
            "fueleu-limit",
            "Intensity of the ships against the limit over the years",
            drawn.against_limit(limits(first, last), shown, title="g CO₂e/MJ, well to wake"),
            says=TABLE,
        )
    ]
    bars = _worst(wide, "fueleu_balance_t", least=True)
    if bars.height:
        colours = {"Deficit": drawn.DEFICIT, "Surplus": drawn.SURPLUS}
        caption = "Compliance balances, the largest deficits first"
        chart = drawn.ranked(bars, title="t CO₂e", colours=colours)
        parts.append(picture("fueleu-balance", caption, chart, says=TABLE))
    parts.append(_law_table(rows, "fueleu", "FuelEU Maritime: sums of the ships"))
    return Section(
        key="fueleu",
        title="FuelEU Maritime",
        words=[f"A ship above the limit has a deficit, one below it a surplus that can be banked or pooled.{told}"],
        parts=parts,
    )


def _spread(points: pl.DataFrame) -> pl.DataFrame:
    """Return the points, or where there are too many the least, the middle and the most of each year with its range."""
    if points.height <= drawn.MOST_POINTS:
        return points
    return pl.concat(
        [
            points.group_by("year").agg(
                pl.col("value", "low", "high").quantile(share, interpolation="nearest"), label=pl.lit("")
            )
            for share in (0.0, 0.5, 1.0)
        ]
    )


def _first_year() -> int:
    return int(load("fueleu_limits")["year_from"].min())  # type: ignore[arg-type]


def _last_step() -> int:
    return int(load("fueleu_limits")["year_from"].max())  # type: ignore[arg-type]


def _law_table(rows: pl.DataFrame, law: str, caption: str) -> Any:
    columns = [
        Column(key="year", label="Year", kind="text"),
        Column(key="quantity", label="Quantity", kind="text"),
        Column(key="unit", label="Unit", kind="text"),
        Column(key="with_value", label="Ships", kind="count"),
        Column(key="without", label="not known", kind="count"),
        Column(key="value", label="Sum"),
        Column(key="low", label="least"),
        Column(key="high", label="most"),
    ]
    own = sums(rows).filter(pl.col("regulation") == law)
    return tabulate(own.with_columns(pl.col("quantity").str.replace_all("_", " ")), columns, caption=caption)


def _ets(rows: pl.DataFrame, wide: pl.DataFrame) -> Section | None:
    bars = _worst(wide, "ets_allowances_t", least=False).with_columns(kind=pl.lit("Allowances"))
    if bars.is_empty():
        return None
    notes = rows.filter(pl.col("regulation") == "ets", pl.col("quantity") == "cost")["note"].drop_nulls()
    price = notes.str.split("; ").list.first().unique().sort()
    chart = drawn.ranked(bars, title="t CO₂e to surrender", colours={"Allowances": NAVY})
    return Section(
        key="ets",
        title="EU ETS for shipping",
        words=[f"Price: {price[0]}." if price.len() == 1 else "Prices stand in the notes of the rows."],
        parts=[
            picture("ets-ships", "Allowances of the ships with most", chart, says=TABLE),
            _law_table(rows, "ets", "EU ETS: sums of the ships"),
        ],
    )


def _cii(rows: pl.DataFrame) -> Section | None:
    rated = _bounded(rows)
    if rated.is_empty():
        return None
    counts = ratings(rows)
    by_year = counts.select("year", series="rating", value="ships")
    worst = rated.sort("ratio", "name", descending=[True, False]).head(MOST)
    columns = [
        Column(key="year", label="Year", kind="text"),
        Column(key="rating", label="Rating", kind="text"),
        Column(key="ships", label="Ships", kind="count"),
    ]
    parts = [
        picture(
            "cii-bands",
            "Bands of the ratings of each ship, and what it attained: the worst first",
            ratio_bands(worst),
            says=TABLE,
        ),
        picture(
            "cii-years",
            "Ratings by year",
            drawn.stacked_years(by_year, title="ships", colours=RATING_COLOURS),
            says=TABLE,
        ),
        tabulate(counts, columns, caption="Ratings of carbon intensity"),
    ]
    left = rated.height - worst.height
    words = "Each bar shows the bands of the ship's type, from A on the left to E on the right; the dot is the ship."
    more = f" {counted(left, 'ship')} with a lower ratio not drawn." if left else ""
    return Section(key="cii", title="IMO carbon intensity indicator", words=[words + more], parts=parts)


def _bounded(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ratios of rated ships with the bounds of their type: name, ratio, d1 to d4."""
    own = by_report(rows).filter(pl.col("regulation") == "cii", pl.col("quantity") == "ratio").drop_nulls("value")
    lines = load("cii_reference_lines").select("row_id", *(pl.col(name).cast(pl.Float64) for name in BOUNDS))
    row = pl.col("source_row").str.extract(r"cii_reference_lines: (\S+)$")
    joined = own.with_columns(row_id=row).join(lines, on="row_id", how="inner", maintain_order="left")
    wide = joined.select("ship_id", "year", "report", "name", *BOUNDS, ratio="value")
    return _named(wide).with_columns(name="label").select("name", "ratio", *BOUNDS)


def _nzf(rows: pl.DataFrame) -> Section | None:
    own = rows.filter(pl.col("regulation") == "nzf", pl.col("quantity") == "intensity").drop_nulls("value")
    if own.is_empty():
        return None
    points = _spread(own.select("year", "value", "low", "high", label=pl.coalesce("name", "ship_id")).sort("value"))
    return Section(
        key="nzf",
        title="IMO Net-Zero Framework",
        words=["Not adopted: a scenario. Targets of years that the draft leaves open are not drawn."],
        parts=[
            picture(
                "nzf-targets",
                "Intensity of the ships against the two targets over the years",
                drawn.against_limit(target_lines(), points, title="g CO₂e/MJ, well to wake"),
                says=TABLE,
            ),
            _law_table(rows, "nzf", "Net-Zero Framework: sums of the ships"),
        ],
    )


def target_lines() -> pl.DataFrame:
    """Return the targets of the draft as lines of years that follow one another: year, series, value.

    Examples
    --------
    >>> target_lines().filter(year=2028)["value"].round(3).to_list()
    [89.568, 77.439]
    """
    rows = target_rows().sort("targets_year")
    whole = rows.filter(pl.col("direct_g_per_mj").is_not_null())
    parts = [
        whole.select(year="targets_year", series=pl.lit(word), value=column)
        for word, column in (("Base target", "base_g_per_mj"), ("Direct compliance target", "direct_g_per_mj"))
    ]
    return pl.concat(parts)


def limits(first: int, last: int) -> pl.DataFrame:
    """Return the limits of FuelEU in years that have one: year, series, value.

    Examples
    --------
    >>> limits(2024, 2025).height
    1
    """
    found = []
    for year in range(first, last + 1):
        try:
            found.append({"year": year, "series": "Limit of the intensity", "value": limit(year).value})
        except ReferenceDataError:
            continue
    return pl.DataFrame(found, schema={"year": pl.Int64, "series": pl.String, "value": pl.Float64})
