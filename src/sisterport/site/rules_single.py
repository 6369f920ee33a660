"""The pages of one ship under one regulation: the year that was asked for, and the years of the law."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from sisterport.site import rules_charts as drawn
from sisterport.site.digits import number, percent, significant, with_unit
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.rules_bands import cii_bands
from sisterport.site.rules_check import TABLE, limits
from sisterport.site.rules_parts import passport, short
from sisterport.site.tabulate import Column, tabulate

_SAME = "The same fuel in every year; only the law changes."


def _sources(law: str, found: Mapping[str, Any], row: str) -> Section:
    told = {"law": law, "clause": found["clause"], "status": found["status"], "source_row": row}
    return passport(pl.DataFrame([told], schema_overrides=dict.fromkeys(told, pl.String)))


def fueleu(found: Mapping[str, Any], years: pl.DataFrame) -> Content:
    """Return the page of a FuelEU balance."""
    year = int(found["year"])
    first, last = int(years["year"].min()), int(years["year"].max())  # type: ignore[arg-type]
    points = years.drop_nulls("intensity_g_per_mj").select(
        "year",
        value="intensity_g_per_mj",
        low="intensity_g_per_mj",
        high="intensity_g_per_mj",
        label=pl.when(pl.col("year") == year).then(pl.col("intensity_g_per_mj").round(2).cast(pl.String)),
    )
    way = "surplus" if found["balance_t"] >= 0 else "deficit"
    columns = [
        Column(key="year", label="Year", kind="text"),
        Column(key="limit_g_per_mj", label="Limit", unit="g/MJ"),
        Column(key="intensity_g_per_mj", label="Intensity", unit="g/MJ"),
        Column(key="balance_t", label="Balance", unit="t CO₂e"),
        Column(key="penalty_eur", label="Penalty", unit="EUR"),
        Column(key="rfnbo_share", label="RFNBO", kind="share"),
    ]
    return Content(
        kind="FuelEU Maritime",
        lead=(
            f"In {year} the ship has a {way} of {with_unit(abs(found['balance_t']), 't')} CO₂e: its intensity is "
            f"{number(found['intensity_g_per_mj'], 2)} g/MJ, the limit {number(found['limit_g_per_mj'], 2)} g/MJ."
        ),
        numbers=[
            Number("Balance", short(found["balance_t"], "t"), "CO₂e, well to wake."),
            Number("Penalty", short(found["penalty_eur"], "EUR"), f"Penalty number {found['penalty_n']} in a row."),
            Number("Energy", short(found["energy_mj"] / 1e3, "GJ"), "That counts."),
            Number("RFNBO", percent(found["rfnbo_share"]), "Share of the energy."),
        ],
        reserve=[
            f"Warming potentials {found['gwp']}; gases that are to be measured: {found['unmeasured']}.",
            "Pools, banking and borrowing are not in the penalty.",
        ],
        sections=[
            Section(
                key="years",
                title="Over the years",
                words=[_SAME],
                parts=[
                    picture(
                        "fueleu-limit",
                        "Intensity against the limit over the years",
                        drawn.against_limit(limits(first, last), points, title="g CO₂e/MJ, well to wake"),
                        says=TABLE,
                    ),
                    picture(
                        "fueleu-balance",
                        "Compliance balance over the years",
                        drawn.over_years(years.select("year", value="balance_t"), title="t CO₂e", asked=[year]),
                        says=TABLE,
                    ),
                    tabulate(years, columns, caption="Balance and penalty over the years, each year for itself"),
                ],
            ),
            _sources("FuelEU Maritime", found, found["rows"]),
        ],
    )


def ets(found: Mapping[str, Any], years: pl.DataFrame) -> Content:
    """Return the page of allowances."""
    year = int(found["year"])
    columns = [
        Column(key="year", label="Year", kind="text"),
        Column(key="phase_in", label="Phase", kind="share"),
        Column(key="scope_share", label="Scope", kind="share"),
        Column(key="co2e_t", label="Emissions that count", unit="t CO₂e"),
        Column(key="allowances", label="Allowances", unit="t"),
        Column(key="allowance_eur", label="Price", unit="EUR/t"),
        Column(key="cost_eur", label="Cost", unit="EUR"),
        Column(key="ch4_n2o", label="CH₄, N₂O", kind="text"),
    ]
    chart = drawn.over_years(years.select("year", value="allowances"), title="t CO₂e to surrender", asked=[year])
    return Content(
        kind="EU ETS for shipping",
        lead=(
            f"For {year} {with_unit(found['allowances'], 't')} of allowances: "
            f"{percent(found['phase_in'])} of {percent(found['scope_share'])} of "
            f"{with_unit(found['co2e_t'], 't')} CO₂e."
        ),
        numbers=[
            Number("Allowances", short(found["allowances"], "t"), "To surrender in the next year."),
            Number(
                "Cost", short(found["cost_eur"], "EUR"), f"{found['allowance_eur']:g} EUR/t, {found['price_note']}."
            ),
        ],
        reserve=["Tank to wake; exceptions for islands and outermost regions are not in it."],
        sections=[
            Section(
                key="years",
                title="Over the years",
                words=[f"{_SAME} The last row holds for all years after it."],
                parts=[
                    picture("ets-years", "Allowances over the years", chart, says=TABLE),
                    tabulate(years, columns, caption="Allowances and cost over the years"),
                ],
            ),
            _sources("EU ETS", found, f"eu_ets_maritime: phase_in, {year}"),
        ],
    )


def cii(found: Mapping[str, Any], years: pl.DataFrame) -> Content:
    """Return the page of a rating."""
    unit = f"g/({'t' if found['capacity_unit'] == 'dwt' else 'GT'} nm)"
    year = int(found["year"])
    own = years.select(
        "year", value="attained", label=pl.when(pl.col("year") == year).then(pl.col("rating")).otherwise(pl.lit(""))
    )
    columns = [
        Column(key="year", label="Year", kind="text"),
        Column(key="required", label="Required", unit=unit),
        Column(key="a_below", label="A up to", unit=unit),
        Column(key="b_below", label="B up to", unit=unit),
        Column(key="c_below", label="C up to", unit=unit),
        Column(key="d_below", label="D up to", unit=unit),
        Column(key="attained", label="Attained", unit=unit),
        Column(key="rating", label="Rating", kind="text"),
    ]
    return Content(
        kind="IMO carbon intensity indicator",
        lead=(
            f"Rated {found['rating']} in {year}: attained {significant(found['attained'])} {unit}, required "
            f"{significant(found['required'])} {unit}, {number(found['z_pct'], 3).rstrip('0').rstrip('.')} % below the "
            "line of 2019."
        ),
        numbers=[
            Number("Rating", str(found["rating"]), f"In {year}."),
            Number("Attained", significant(found["attained"]), unit),
            Number("Required", significant(found["required"]), unit),
            Number("Attained over required", number(found["ratio"], 3), f"C is up to {found['d3']:g}."),
        ],
        reserve=[f"{str(found['scope'])[:1].upper()}{str(found['scope'])[1:]}."],
        sections=[
            Section(
                key="years",
                title="Over the years",
                words=[
                    "The same intensity in every year; only the requirement changes. After the last year none is set."
                ],
                parts=[
                    picture(
                        "cii-bands",
                        "Bands of the ratings over the years, and what the ship attained",
                        cii_bands(years, own, title=unit),
                        says=TABLE,
                    ),
                    tabulate(years, columns, caption="Bands and ratings over the years"),
                ],
            ),
            _sources("IMO CII", found, f"cii_reference_lines: {found['reference_row']}"),
        ],
    )


def netzero(found: Mapping[str, Any], years: pl.DataFrame) -> Content:
    """Return the page of the Net-Zero Framework."""
    drawn_years = years.filter(pl.col("direct_g_per_mj").is_not_null())
    words = {"Base target": "base_g_per_mj", "Direct compliance target": "direct_g_per_mj"}
    lines = pl.concat([drawn_years.select("year", series=pl.lit(w), value=column) for w, column in words.items()])
    value = pl.col("gfi_g_per_mj")
    own = drawn_years.select("year", value=value, low=value, high=value, label=pl.lit(""))
    columns = [
        Column(key="year", label="Year", kind="text"),
        Column(key="base_g_per_mj", label="Base target", unit="g/MJ"),
        Column(key="direct_g_per_mj", label="Direct target", unit="g/MJ"),
        Column(key="tier1_t", label="Tier 1", unit="t"),
        Column(key="tier2_t", label="Tier 2", unit="t"),
        Column(key="surplus_t", label="Surplus", unit="t"),
        Column(key="cost_usd", label="Cost", unit="USD"),
        Column(key="reason", label="Why", kind="text"),
    ]
    parts = [
        picture(
            "nzf-targets",
            "Intensity against the two targets over the years",
            drawn.against_limit(lines, own, title="g CO₂e/MJ, well to wake"),
            says=TABLE,
        ),
        tabulate(years, columns, caption="Remedial and surplus units over the years"),
    ]
    due = f"{with_unit(found['cost_usd'], 'USD')}" if found["applies"] else "nothing"
    return Content(
        kind="IMO Net-Zero Framework: a scenario",
        lead=(
            f"In {found['year']} {due} is due at an intensity of {number(found['gfi_g_per_mj'], 2)} g/MJ "
            f"({found['reason']})."
        ),
        numbers=[
            Number("Tier 1", short(found["tier1_t"], "t"), "Between the targets."),
            Number("Tier 2", short(found["tier2_t"], "t"), "Above the base target."),
            Number("Surplus", short(found["surplus_t"], "t"), "Below the direct target."),
            Number("Cost", short(found["cost_usd"], "USD"), f"{short(found['cost_eur'], 'EUR')}."),
        ],
        reserve=["The framework was not adopted. Prices after 2030 and targets of 2036 to 2039 are open."],
        sections=[
            Section(key="years", title="Over the years", words=["The same fuel in every year."], parts=parts),
            _sources("IMO Net-Zero Framework", found, f"imo_nzf_targets: {found['targets_year'] or '-'}"),
        ],
    )
