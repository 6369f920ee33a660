"""What people ask of a plan: the years at a glance, and what each port bunkers (the methanol layout)."""

import polars as pl

from sisterport.corridor.answers_frames import Told
from sisterport.corridor.fuel_factors import factors, green
from sisterport.corridor.scenario import Scenario
from sisterport.units import USD_PER_MUSD

_KILO = 1e3


def mass_factors(scenario: Scenario) -> dict[str, float]:
    """Return the tonnes of a TJ of each fuel [t/TJ].

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> round(mass_factors(example("shanghai-los-angeles"))["e-methanol"], 2)
    50.25
    """
    engine = scenario.ships.methane_engine
    return {f.id: _KILO / factors(f, methane_engine=engine, gwp=scenario.gwp).lcv_mj_per_kg for f in scenario.fuels}


def green_years(scenario: Scenario) -> pl.DataFrame:
    """Return for each fuel and year whether it is green by its certificate: year, fuel, green.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> green_years(example("shanghai-los-angeles")).filter("green")["fuel"].unique().sort().to_list()
    ['bio-methanol', 'e-ammonia', 'e-diesel', 'e-methanol']
    """
    rows = [(year, f.id, green(f, scenario, year=year)[0]) for f in scenario.fuels for year in scenario.years]
    return pl.DataFrame(rows, schema={"year": pl.Int64, "fuel": pl.String, "green": pl.Boolean}, orient="row")


def fuel_by_port(plan: Told, scenario: Scenario) -> pl.DataFrame:
    """Return what each port bunkers of each fuel in each year.

    Parameters
    ----------
    plan
        The plan.
    scenario
        Its scenario: mass of the fuels, and whether they are green by their certificate.

    Returns
    -------
    polars.DataFrame
        year, port, fuel, family, green, energy_tj, mass_t, cost_musd (of the year), usd_per_t.
    """
    per_tj = pl.col("fuel").replace_strict(mass_factors(scenario), return_dtype=pl.Float64)
    summed = plan.fuel.group_by("year", "port", "fuel", "family", maintain_order=True).agg(
        pl.col("energy_tj", "cost_musd").sum()
    )
    return (
        summed.with_columns(mass_t=pl.col("energy_tj") * per_tj)
        .with_columns(usd_per_t=pl.col("cost_musd") * USD_PER_MUSD / pl.col("mass_t"))
        .join(green_years(scenario), on=["year", "fuel"], how="left")
        .select("year", "port", "fuel", "family", "green", "energy_tj", "mass_t", "cost_musd", "usd_per_t")
        .sort("year", "port", "fuel")
    )


def years(plan: Told, scenario: Scenario) -> pl.DataFrame:
    """Return the years of a plan at a glance.

    Parameters
    ----------
    plan
        The plan.
    scenario
        Its scenario.

    Returns
    -------
    polars.DataFrame
        year, ships, ships_new_fuel (of another family than oil), ordered, energy_tj, green_tj, green_share,
        electricity_tj, co2e_wtw_t, cost_musd, teu (what the fullest legs carry).
    """
    new = pl.col("family") != "oil"
    fuel = plan.fuel.join(green_years(scenario), on=["year", "fuel"], maintain_order="left")
    parts = [
        plan.ships.group_by("year", maintain_order=True).agg(
            pl.col("ships").sum(), ships_new_fuel=pl.col("ships").filter(new).sum()
        ),
        plan.orders.group_by("year", maintain_order=True).agg(ordered=pl.col("ships").sum()),
        fuel.group_by("year", maintain_order=True).agg(
            pl.col("energy_tj").sum(), green_tj=pl.col("energy_tj").filter("green").sum()
        ),
        plan.shore.group_by("year", maintain_order=True).agg(pl.col("electricity_tj").sum()),
        plan.emissions.group_by("year", maintain_order=True).agg(co2e_wtw_t=pl.col("wtw_t").sum()),
        plan.costs.group_by("year", maintain_order=True).agg(cost_musd=pl.col("musd").sum()),
        plan.sailings.group_by("year", maintain_order=True).agg(teu=pl.col("teu_demand").sum()),
    ]
    whole = pl.DataFrame({"year": list(scenario.years)}, schema={"year": pl.Int64})
    for part in parts:
        whole = whole.join(part, on="year", how="left", maintain_order="left")
    nothing = ["ordered", "energy_tj", "green_tj", "electricity_tj", "cost_musd", "co2e_wtw_t"]
    filled = whole.with_columns(pl.col(nothing).fill_null(0))
    return filled.with_columns(green_share=pl.col("green_tj") / pl.col("energy_tj"))
