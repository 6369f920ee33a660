"""What shore power saves at each stay: fuel and pollutants at the quay, and net of the grid."""

from typing import Any

import polars as pl

from sisterport.errors import MethodError, ReferenceDataError, SchemaError, choose
from sisterport.reference import constant, load
from sisterport.shorepower import saving_formulas as law
from sisterport.shorepower.grid import POLLUTANTS, grid_factors
from sisterport.tables import check
from sisterport.units import KG_PER_T, KWH_PER_MWH, MS_PER_HOUR

TERMS = {
    "t_connect_h": ("shore_connect_h", "max"),
    "t_disconnect_h": ("shore_disconnect_h", "max"),
    "loss_share": ("shore_loss_share", "max"),
    "converter_efficiency": ("shore_converter_efficiency", "min"),
    "tariff_usd_per_kwh": (None, "max"),
    "ef_grid_t_per_mwh": (None, "max"),
}
"""Terms of an outlet: the constant that counts where nobody says them, and which of several values is cautious."""

AMOUNTS = ("co2", "co2e", *POLLUTANTS)
"""What is saved, gross and net [t]."""

_NO_OUTLET = ("none", "retired", "postponed")
_EPA_FUELS = {"distillate": "MGO/MDO", "residual": "RM/HFO"}


def savings(
    stays: Any,
    *,
    outlets: Any = None,
    grid: Any = None,
    t_connect_h: float | None = None,
    t_disconnect_h: float | None = None,
    loss_share: float | None = None,
    converter_efficiency: float | None = None,
    tariff_usd_per_kwh: float | None = None,
    assume_fuel: str | None = None,
    recorded: bool = False,
) -> pl.DataFrame:
    """Return what shore power would save at each stay, or did save by record.

    Parameters
    ----------
    stays
        Frame of the table ``stays``.
    outlets
        Frame of the table ``outlets``: times, loss, efficiency, tariff and grid factor of the berth. Where outlets of
        one berth differ the cautious value counts.
    grid
        Factors of the grid by the hour or by place, see `sisterport.shorepower.grid.grid_factors`.
    t_connect_h, t_disconnect_h
        Times [h] where no outlet says them.
    loss_share, converter_efficiency
        Loss and efficiency where no outlet says them; all four have a default in the constants, marked unverified.
    tariff_usd_per_kwh
        Price [USD/kWh] where no outlet says it; it has no default.
    assume_fuel
        "distillate" or "residual": fuel and CO2 per kWh of stays that tell energy but no fuel, by the EPA tables. By
        default they stay unknown.
    recorded
        Count the energy that was taken by record (``connected_mwh``), not what could be taken.

    Returns
    -------
    DataFrame
        Table ``savings``, one row per stay, none dropped: ``reason`` says why a stay counts nothing. Boilers stay on
        board and are in no figure. What is already connected by record is not saved again.

    Raises
    ------
    SchemaError
        Frames that do not fit.
    MethodError
        Unknown fuel.

    References
    ----------
    facts of the field: E = P_mean (t_stay - t_connect - t_disconnect); E_grid = E / (eta_conv (1 - loss)); net = F Cf -
    E_grid EF_grid. Constants ``shore_*``.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"stay_id": ["a"], "imo": [9074729], "locode": ["CNSGH"],
    ...     "start_utc": [datetime(2024, 5, 1, tzinfo=UTC)], "end_utc": [datetime(2024, 5, 2, tzinfo=UTC)],
    ...     "hours": [24.0], "aux_mwh": [24.0], "aux_fuel_t": [5.208], "aux_co2_t": [16.697]})
    >>> saved = savings(rows, loss_share=0.04, converter_efficiency=1.0)
    >>> saved.select(pl.col("energy_mwh", "co2_gross_t", "co2_net_t").round(3)).row(0)
    (22.5, 15.653, 2.528)
    >>> saved["ef_grid_source"].item(), saved["t_connect_h_source"].item()
    ('country CN, 2024', 'default (unverified)')
    """
    if assume_fuel is not None:
        choose("fuel", assume_fuel, list(_EPA_FUELS))
    rows = check(stays, "stays").with_columns(pl.col("place").fill_null("berth"))
    given = {
        "t_connect_h": t_connect_h,
        "t_disconnect_h": t_disconnect_h,
        "loss_share": loss_share,
        "converter_efficiency": converter_efficiency,
        "tariff_usd_per_kwh": tariff_usd_per_kwh,
        "ef_grid_t_per_mwh": None,
    }
    rows = _with_terms(rows, outlets, _sane(given)).with_columns(
        *_unless_cut("t_connect_h", "start_seen", "not counted: the stay was on when the data begin"),
        *_unless_cut("t_disconnect_h", "end_seen", "not counted: the stay was on when the data end"),
    )
    rows = rows.with_columns(_per_mwh(assume_fuel)).with_columns(**_energy(recorded=recorded))
    rows = _with_grid(rows, grid)
    return check(rows.with_columns(_amounts()).with_columns(_nothing()), "savings")


def _sane(given: dict[str, float | None]) -> dict[str, float | None]:
    """Return the terms, or raise where one makes no sense."""
    for name, number in given.items():
        if number is None:
            continue
        share = name in {"loss_share", "converter_efficiency"}
        whole = (name == "loss_share" and number >= 1) or (name == "converter_efficiency" and number <= 0)
        if number < 0 or (share and number > 1) or whole:
            raise MethodError(f"{name} = {number:g} makes no sense")
    return given


def _with_terms(rows: pl.DataFrame, outlets: Any, given: dict[str, float | None]) -> pl.DataFrame:
    """Add each term of the outlets of the berth, and where it comes from."""
    names = list(TERMS)
    if outlets is None:
        rows = rows.with_columns(pl.lit(None, pl.Float64).alias(f"own {name}") for name in names)
        rows = rows.with_columns(pl.lit(0, pl.UInt32).alias(f"n {name}") for name in names)
    else:
        there = check(outlets, "outlets").filter(~pl.col("state").is_in(_NO_OUTLET))
        dead = there.filter((pl.col("converter_efficiency") <= 0) | (pl.col("loss_share") >= 1))
        if dead.height:
            raise SchemaError("outlets", [f"{dead.height} outlets lose all energy, first: {dead['outlet_id'][0]}"])
        cautious = [getattr(pl.col(name), way)().alias(f"own {name}") for name, (_, way) in TERMS.items()]
        different = [pl.col(name).drop_nulls().n_unique().alias(f"n {name}") for name in names]
        by_berth = there.group_by("berth_id", maintain_order=True).agg(*cautious, *different)
        rows = rows.join(by_berth, on="berth_id", how="left", maintain_order="left")
    return rows.with_columns(expression for name in names for expression in _term(name, given[name], TERMS[name][0]))


def _unless_cut(term: str, seen: str, why: str) -> list[pl.Expr]:
    """Return a time and its source, nothing where that end of the stay lies outside the data."""
    cut = pl.col(seen) == pl.lit(value=False)
    return [
        pl.when(cut).then(0.0).otherwise(term).alias(term),
        pl.when(cut).then(pl.lit(why)).otherwise(f"{term}_source").alias(f"{term}_source"),
    ]


def _term(name: str, given: float | None, default: str | None) -> tuple[pl.Expr, pl.Expr]:
    own = pl.col(f"own {name}")
    passport = constant(default) if default else None
    if given is not None:
        other, said = pl.lit(given, pl.Float64), pl.lit("given by the caller")
    elif passport is not None:
        other, said = pl.lit(passport.value, pl.Float64), pl.lit(f"default ({passport.status})")
    else:
        other, said = pl.lit(None, pl.Float64), pl.lit(None, pl.String)
    several = pl.lit("outlets of the berth differ: the cautious value")
    of_outlet = pl.when(pl.col(f"n {name}") > 1).then(several).otherwise(pl.lit("outlet"))
    return (
        pl.coalesce(own, other).alias(name),
        pl.when(own.is_not_null()).then(of_outlet).otherwise(said).alias(f"{name}_source"),
    )


def _per_mwh(assume_fuel: str | None) -> list[pl.Expr]:
    """Return fuel and emissions per MWh of the auxiliary engines."""
    made = pl.col("aux_mwh")
    columns = {"fuel": "aux_fuel_t", **{name: f"aux_{name}_t" for name in AMOUNTS}}
    rates: dict[str, pl.Expr] = {
        name: pl.when(made > 0).then(pl.col(column) / made) for name, column in columns.items()
    }
    any_known = pl.any_horizontal(rate.is_not_null() for rate in rates.values())
    source: pl.Expr = pl.when(any_known).then(pl.coalesce("source", pl.lit("stays")))
    if assume_fuel is not None:
        fuel, co2 = _epa_rates(_EPA_FUELS[assume_fuel])
        lacking = rates["fuel"].is_null()
        rates["fuel"] = pl.when(lacking).then(pl.lit(fuel)).otherwise(rates["fuel"])
        rates["co2"] = pl.when(lacking & rates["co2"].is_null()).then(pl.lit(co2)).otherwise(rates["co2"])
        source = pl.when(lacking).then(pl.lit(f"assumed {assume_fuel}, EPA tables")).otherwise(source)
    return [*(rate.alias(f"{name} per mwh") for name, rate in rates.items()), source.alias("fuel_source")]


def _epa_rates(fuel_type: str) -> tuple[float, float]:
    """Return fuel and CO2 per MWh [t/MWh] of a medium-speed auxiliary engine."""
    use = load("epa_bsfc_aux").filter(engine_type="MSD", fuel_type=fuel_type)
    carbon = load("epa_cf_co2").filter(fuel_type=fuel_type)
    if use.height != 1 or carbon.height != 1:
        raise ReferenceDataError(f"tables epa_bsfc_aux and epa_cf_co2 have no single row for {fuel_type}")
    fuel = law.fuel_saved_t(KWH_PER_MWH, sfoc_g_per_kwh=use["bsfc_g_per_kwh"].item())
    return fuel, law.co2_gross_t(fuel, cf_t_per_t=carbon["cf_gco2_per_gfuel"].item())


def _energy(*, recorded: bool) -> dict[str, pl.Expr]:
    """Return the reason why a stay counts nothing, its time on shore power and its energy."""
    times = {name: pl.col(name) for name in ("t_connect_h", "t_disconnect_h")}
    on = law.connected_h(pl.col("hours"), **times)
    already = pl.col("connected_mwh").fill_null(0.0)
    share = pl.when(pl.col("hours") > 0).then(on / pl.col("hours")).otherwise(0.0)
    could = ((pl.col("aux_mwh") + already) * share - already).clip(lower_bound=0.0)
    lost = (pl.col("connected_mwh") if recorded else pl.col("aux_mwh")).is_null()
    anchored = pl.col("place") != "berth"
    reason = (
        pl.when(anchored)
        .then(pl.lit("at anchor"))
        .when(lost)
        .then(pl.lit("no record of a connection" if recorded else "no energy known"))
        .when(pl.lit(not recorded) & (on <= 0))
        .then(pl.lit("too short to connect"))
        .when(pl.lit(not recorded) & (pl.col("aux_mwh") <= 0))
        .then(pl.lit("no energy made on board"))
    )
    counted = ~(anchored | lost)
    return {
        "reason": reason,
        # a record tells energy, not hours
        "connected_h": pl.when(counted & pl.lit(not recorded)).then(on),
        "energy_mwh": pl.when(counted).then(pl.col("connected_mwh") if recorded else could),
    }


def _with_grid(rows: pl.DataFrame, grid: Any) -> pl.DataFrame:
    """Add the factors of the grid over the time on shore power; an outlet's own factor counts first."""
    connect = pl.duration(milliseconds=pl.col("t_connect_h") * MS_PER_HOUR)
    disconnect = pl.duration(milliseconds=pl.col("t_disconnect_h") * MS_PER_HOUR)
    on = pl.min_horizontal(pl.col("start_utc") + connect, "end_utc")
    periods = rows.select(
        "locode", on.alias("on_utc"), pl.max_horizontal(pl.col("end_utc") - disconnect, on).alias("off_utc")
    )
    found = grid_factors(periods, grid=grid).rename({"ef_grid_t_per_mwh": "ef", "ef_grid_source": "ef from"})
    wide = pl.concat([rows, found], how="horizontal")
    own = pl.col("own ef_grid_t_per_mwh").is_not_null()
    return wide.with_columns(
        pl.coalesce("own ef_grid_t_per_mwh", "ef").alias("ef_grid_t_per_mwh"),
        pl.when(own).then("ef_grid_t_per_mwh_source").otherwise("ef from").alias("ef_grid_source"),
        pl.when(own).then(pl.lit("given")).otherwise("ef_grid_status").alias("ef_grid_status"),
        law.grid_energy(
            pl.col("energy_mwh"),
            converter_efficiency=pl.col("converter_efficiency"),
            loss_share=pl.col("loss_share"),
        ).alias("grid_mwh"),
    )


def _amounts() -> list[pl.Expr]:
    """Return fuel, and each pollutant gross and net of the grid."""
    energy, taken = pl.col("energy_mwh"), pl.col("grid_mwh")
    made = [(energy * pl.col("fuel per mwh")).alias("fuel_t")]
    for name in AMOUNTS:
        gross = energy * pl.col(f"{name} per mwh")
        carbon = name in {"co2", "co2e"}
        factor = pl.col("ef_grid_t_per_mwh") if carbon else pl.col(f"grid_{name}_g_per_kwh") / KG_PER_T
        net = law.net_t(gross, taken, ef_grid_t_per_mwh=factor)
        made += [gross.alias(f"{name}_gross_t"), net.alias(f"{name}_net_t")]
    point = law.break_even_grid_t_per_mwh(
        pl.col("co2 per mwh"),
        1.0,
        converter_efficiency=pl.col("converter_efficiency"),
        loss_share=pl.col("loss_share"),
    )
    return [*made, point.alias("break_even_t_per_mwh")]


def _nothing() -> list[pl.Expr]:
    """Leave the terms of stays that count nothing, but no source of a fuel that was not looked at."""
    return [pl.when(pl.col("energy_mwh").is_not_null()).then("fuel_source").alias("fuel_source")]
