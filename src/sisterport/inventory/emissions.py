"""From segments to emissions: one row per segment, system and fuel, by the method that is asked for."""

from functools import cache
from types import ModuleType
from typing import Any

import polars as pl

from sisterport import tables
from sisterport.errors import InputError, MethodError, ReferenceDataError, choose
from sisterport.fleet import size_bin
from sisterport.fuels import gwp_pair, wtw
from sisterport.inventory import epa_step, ghg4
from sisterport.inventory.activity import SYSTEMS, activity
from sisterport.inventory.long_stay import long_stay_factor
from sisterport.inventory.methods import method as method_named
from sisterport.inventory.power import auxiliary_and_boiler_power, main_power_decides
from sisterport.inventory.shore import shore_supply
from sisterport.inventory.zones import RULES, rules_at, with_port_rules, zone_rules
from sisterport.reference import value
from sisterport.units import G_PER_KG, G_PER_T

_SHIP_COLUMNS = [
    "mmsi",
    "ship_class",
    "size",
    "size_bin",
    "dwt_t",
    "teu",
    "gt",
    "build_year",
    "keel_year",
    "power_kw",
    "v_ref_kn",
    "engine_type",
    "nox_tier",
    "fuel",
    "scrubber",
]
_IN_TONNES = ("fuel", "co2")
_STEPS: dict[str, ModuleType] = {"ghg4": ghg4, "epa": epa_step}
WTT_CONVERTERS = {"lng": "lng_otto_medium_speed"}
"""Well-to-tank does not depend on the converter; this row holds the calorific value of LNG in Annex II."""


def emissions(
    segments: Any,
    ships: Any,
    *,
    method: str = "ghg4",
    year: int | None = None,
    gwp: str = "AR5",
    shore_power: Any = None,
    aux_table: str | None = None,
    zones: Any = None,
    load_based_bsfc: bool = False,
    slip_low_load: bool = False,
    lng_aux_ch4: str = "engine",
    long_stay: str = "none",
    tier3_everywhere: bool = False,
) -> Any:
    """Return energy, fuel and emissions of each segment, system and fuel.

    Parameters
    ----------
    segments, ships
        Frames of the tables ``segments`` and ``ships``. A segment of a ship that is not there is kept, with
        nulls.
    method
        ``ghg4`` or ``epa``; see `sisterport.inventory.method`.
    year
        Rules, sulphur and fuels of this year instead of the segment's own.
    gwp
        Set of warming potentials: AR4, AR5 or AR6.
    shore_power
        Frame of the table ``shore_power``: connected auxiliary engines burn nothing, boilers stay on.
    aux_table
        Table of auxiliary and boiler power: ``ghg4``, ``ghg3`` or ``starcrest2016``; the method's own unless
        given.
    zones
        Rules of the emission zones as `zone_rules` gives them; those of the reference data, and the national rules
        of ports (`port_rules`), unless given.
    load_based_bsfc
        EPA method: consumption load curve from 20 % load on.
    slip_low_load
        GHG4 method: low-load curve on methane slip of gas engines too.
    lng_aux_ch4
        GHG4 method: methane of the auxiliary engines of LNG ships, ``engine`` (as of the main engine) or ``otto`` (as
        of four-stroke Otto engines).
    long_stay
        Auxiliary and boiler power in long stays at berth: ``none`` (as always) or ``maru`` (less after one or two
        days; `sisterport.inventory.long_stay`).
    tier3_everywhere
        Take Tier III outside NOx control areas too, as the EPA tool does.

    Returns
    -------
    frame of the table ``emissions``
        Energy is null where nothing is known (main engine without power or reference speed and not off by its
        mode; auxiliaries and boilers without class or size). Fuel and pollutants are null where the method
        has no factor.

    Raises
    ------
    SchemaError, InputError
        Frames that do not fit; a ship or segment twice; a zone without rules.
    MethodError
        Unknown method, table or GWP set, or an option of the other method.

    References
    ----------
    See `sisterport.inventory.method` and `sisterport.inventory.ghg4`, `sisterport.inventory.epa`.
    """
    caller = tables.Caller(segments)
    step, base = prepared(
        segments,
        ships,
        method=method,
        year=year,
        shore_power=shore_power,
        aux_table=aux_table,
        zones=zones,
        load_based_bsfc=load_based_bsfc,
        slip_low_load=slip_low_load,
        lng_aux_ch4=lng_aux_ch4,
        long_stay=long_stay,
        tier3_everywhere=tier3_everywhere,
    )
    options = formula_options(method, slip_low_load, lng_aux_ch4, load_based_bsfc)
    parts = base.sort("segment_id").iter_slices(int(value("inventory_segments_at_once")))
    done = [_finish(_grams(part, step, step.pollutants(**options)), gwp) for part in parts]
    return caller.back(pl.concat(done) if done else tables.empty("emissions"))


def prepared(
    segments: Any,
    ships: Any,
    *,
    method: str = "ghg4",
    year: int | None = None,
    shore_power: Any = None,
    aux_table: str | None = None,
    zones: Any = None,
    load_based_bsfc: bool = False,
    slip_low_load: bool = False,
    lng_aux_ch4: str = "engine",
    long_stay: str = "none",
    tier3_everywhere: bool = False,
) -> tuple[ModuleType, pl.DataFrame]:
    """Return the module of a method and the segments with all that it needs; arguments as in `emissions`.

    Returns
    -------
    module, DataFrame
        Segments joined with ships, rules of the place, auxiliary and boiler power, energy from shore, and the
        columns that the factors of the method depend on (its ``CASE``).
    """
    chosen = method_named(method)
    table = choose("table of auxiliary power", aux_table or chosen.aux_tables[0], chosen.aux_tables)
    if load_based_bsfc and method != "epa":
        raise MethodError("load_based_bsfc is an option of the method 'epa'; 'ghg4' always uses the load curve")
    if slip_low_load and method != "ghg4":
        raise MethodError("slip_low_load is an option of the method 'ghg4'; 'epa' takes methane per fuel burnt")
    if lng_aux_ch4 != "engine" and method != "ghg4":
        raise MethodError("lng_aux_ch4 is an option of the method 'ghg4'; 'epa' takes methane per fuel burnt")
    step = _STEPS[method]
    base = _base(segments, ships, year=year, zones=zones)
    base = pl.concat([base, _auxiliary(base, table, long_stay)], how="horizontal")
    supplied, _ = _supply(base, shore_power)
    base = base.join(supplied, on="segment_id", how="left", maintain_order="left").with_columns(
        pl.col("shore_kwh").fill_null(0.0)
    )
    return step, step.case_columns(base, tier3_everywhere=tier3_everywhere)


def formula_options(method: str, slip_low_load: bool, lng_aux_ch4: str, load_based_bsfc: bool) -> dict[str, Any]:
    """Return the options that the formulas of a method take."""
    if method == "ghg4":
        return {"slip_low_load": slip_low_load, "lng_aux_ch4": lng_aux_ch4}
    return {"load_based_bsfc": load_based_bsfc}


def _grams(base: pl.DataFrame, step: ModuleType, formulas: dict[str, pl.Expr]) -> pl.DataFrame:
    """Return energy [kWh] and amounts [g] of each segment, system and fuel."""
    cases = base.select(step.CASE).unique(maintain_order=True).with_row_index("case")
    keyed = base.join(cases, on=step.CASE, how="left", nulls_equal=True, maintain_order="left")
    joined = activity(keyed).join(step.factors(cases), on=["case", "system"], how="left", maintain_order="left")
    grams = joined.select(
        "segment_id",
        "system",
        "fuel",
        pl.col("lf").alias("energy_kwh"),
        pl.when(pl.col("lf").is_not_null()).then("shore_kwh").alias("shore_kwh"),
        *(_off_is_zero(formula).alias(f"{name}_g") for name, formula in formulas.items()),
    )
    pilot = ghg4.pilot_rows(joined) if step is ghg4 else grams.clear()
    return pl.concat([grams, pilot], how="vertical_relaxed") if pilot.height else grams


def shore_account(
    segments: Any,
    ships: Any,
    shore_power: Any,
    *,
    method: str = "ghg4",
    aux_table: str | None = None,
    long_stay: str = "none",
) -> pl.DataFrame:
    """Return what became of each shore connection: hours at berth, demand, energy used and excess.

    Parameters
    ----------
    segments, ships, shore_power, method, aux_table, long_stay
        As in `emissions`.

    Returns
    -------
    DataFrame
        One row per connection; see `sisterport.inventory.shore.shore_supply`. A connection without hours at
        berth met no berth segment of its ship.
    """
    chosen = method_named(method)
    table = choose("table of auxiliary power", aux_table or chosen.aux_tables[0], chosen.aux_tables)
    base = _base(segments, ships, year=None, zones=None)
    return _supply(pl.concat([base, _auxiliary(base, table, long_stay)], how="horizontal"), shore_power)[1]


def _base(segments: Any, ships: Any, *, year: int | None, zones: Any) -> pl.DataFrame:
    """Join segments, ships and zone rules."""
    rows = tables.check(segments, "segments")
    fleet = tables.check(ships, "ships").select(_SHIP_COLUMNS)
    for frame, key in ((rows, "segment_id"), (fleet, "mmsi")):
        if frame[key].n_unique() != frame.height:
            twice = frame.filter(pl.col(key).is_duplicated())[key][0]
            raise InputError(f"{key} {twice} stands more than once in the {'ships' if key == 'mmsi' else 'segments'}")
    rules = (
        zone_rules() if zones is None else tables.to_polars(zones).select(pl.col(c).cast(t) for c, t in RULES.items())
    )
    day = pl.col("date")
    if year is not None:
        leap_day = day.dt.is_leap_year() & (day.dt.month() == 2) & (day == day.dt.month_end())
        there = pl.when(leap_day).then(day.dt.offset_by("-1d")).otherwise(day)
        day = pl.date(year, there.dt.month(), there.dt.day())
    dated = rows.with_columns(day.alias("date")).with_columns(pl.col("date").dt.year().cast(pl.Int64).alias("year"))
    held = rules_at(dated.join(fleet, on="mmsi", how="left", maintain_order="left"), rules)
    return held if zones is not None else with_port_rules(held)


def _auxiliary(base: pl.DataFrame, table: str, long_stay: str) -> pl.DataFrame:
    """Return auxiliary and boiler power of the segments, looked up once per kind of ship and mode."""
    keys = ["ship_class", "size", "size_bin", "dwt_t", "teu", "gt", "power_kw", "mode"]
    kinds = base.select(keys).unique(maintain_order=True)
    if table == "ghg4":
        loads = auxiliary_and_boiler_power(kinds.with_columns(pl.coalesce("size_bin", size_bin())))
    else:
        loads = epa_step.auxiliary_and_boiler_load(kinds, table=table)
    known = pl.concat([kinds, loads], how="horizontal").with_columns(
        pl.when(~main_power_decides()).then(name).alias(name) for name in ("aux_kw", "boiler_kw")
    )
    found = base.select(keys).join(known, on=keys, how="left", nulls_equal=True, maintain_order="left")
    less = long_stay_factor(base, long_stay)
    return found.select(pl.col("aux_kw") * less, pl.col("boiler_kw") * less)


def _supply(base: pl.DataFrame, shore_power: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    connections = tables.empty("shore_power") if shore_power is None else tables.check(shore_power, "shore_power")
    return shore_supply(base, connections)


def _off_is_zero(formula: pl.Expr) -> pl.Expr:
    """Return zero for a system that is off: no factor is needed then."""
    return pl.when(pl.col("lf") == 0.0).then(0.0).otherwise(formula)


def _finish(grams: pl.DataFrame, gwp: str) -> pl.DataFrame:
    """Turn grams into the units of the table, add CO2 equivalents, sort."""
    gwp_ch4, gwp_n2o = gwp_pair(gwp)
    equivalent = pl.col("co2_g") + pl.col("ch4_g") * gwp_ch4 + pl.col("n2o_g") * gwp_n2o
    full = grams.join(_well_to_tank(gwp), on="fuel", how="left", maintain_order="left").with_columns(
        (equivalent / G_PER_T).alias("co2e_ttw_t"),
        ((equivalent + _zero_safe("fuel_g", "wtt_g_per_g")) / G_PER_T).alias("co2e_wtw_t"),
        *(
            (pl.col(name) / (G_PER_T if name.removesuffix("_g") in _IN_TONNES else G_PER_KG)).alias(_unit_name(name))
            for name in grams.columns
            if name.endswith("_g")
        ),
    )
    order = pl.col("system").replace_strict({name: i for i, name in enumerate(SYSTEMS)}, return_dtype=pl.Int8)
    return full.sort("segment_id", order, maintain_order=True).select(
        (pl.col(name) if name in full.columns else pl.lit(None)).cast(column.dtype).alias(name)
        for name, column in tables.schema("emissions").items()
    )


def _zero_safe(amount: str, factor: str) -> pl.Expr:
    """Return amount x factor; nothing burnt needs no factor."""
    return pl.when(pl.col(amount) == 0.0).then(0.0).otherwise(pl.col(amount) * pl.col(factor))


def _unit_name(name: str) -> str:
    stem = name.removesuffix("_g")
    return f"{stem}_t" if stem in _IN_TONNES else f"{stem}_kg"


@cache
def _well_to_tank(gwp: str) -> pl.DataFrame:
    """Return ``fuel, wtt_g_per_g`` [g/g] of FuelEU Annex II."""
    rows = []
    for fuel in ("residual", "vlsfo", "distillate", "lng", "methanol"):
        try:
            rows.append((fuel, wtw(fuel, WTT_CONVERTERS.get(fuel, "all_ice"), gwp=gwp).wtt_g_per_g))
        except ReferenceDataError:  # no pathway: the column stays null, as the table says
            continue
    return pl.DataFrame(rows, schema={"fuel": pl.String, "wtt_g_per_g": pl.Float64}, orient="row")
