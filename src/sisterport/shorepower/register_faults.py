"""What is wrong with a register beyond its single cells: rows that contradict themselves or each other."""

from collections.abc import Collection, Iterable

import polars as pl

from sisterport.errors import ReferenceDataError, did_you_mean
from sisterport.fleet.classes import ship_classes
from sisterport.fleet.identity import imo_check, mmsi_is_ship
from sisterport.reference import load, resolve_locode, value
from sisterport.shorepower.cells import passport_of, unit_hint
from sisterport.shorepower.profiles import HZ_50, HZ_60
from sisterport.tables import schema

FREQUENCIES_HZ = (0.0, HZ_50, HZ_60)
NO_TRANSFORMER = "none"

PAIR_COLUMNS = {
    "outlets": (
        "voltage_kv", "frequency_hz", "pair", "state", "since", "until", "power_mva", "power_mva_high", "connector",
        "sockets_n", "socket_current_a", "pilots_n", "neutral", "neutral_resistor_ohm", "short_circuit_ka",
        "loss_share", "converter_efficiency", "tariff_usd_per_kwh", "note", "source", "status", "confidence", "seen_on",
    ),
    "inlets": (
        "voltage_kv", "frequency_hz", "pair", "connector", "plugs_n", "plug_current_a", "pilots_n", "neutral",
        "short_circuit_ka", "note", "source", "status", "confidence", "seen_on",
    ),
}  # fmt: skip
"""Columns that may differ between the voltage-frequency pairs of one outlet or inlet; all others are its own."""

_PAIR = ("voltage_kv", "frequency_hz")
_RANGES = {
    "outlets": (("power_mva", "power_mva_high"), ("position_from_m", "position_to_m"), ("height_min_m", "height_max_m"),
                ("since", "until")),
    "inlets": (("peak_mw", "peak_mw_high"), ("height_min_m", "height_max_m")),
}  # fmt: skip
_MEANS = (("mean_mw", "peak_mw"), ("mean_cargo_mw", "peak_cargo_mw"), ("mean_reefers_mw", "peak_reefers_mw"),
          ("mean_passengers_mw", "peak_passengers_mw"))  # fmt: skip


def outlet_faults(frame: pl.DataFrame) -> list[str]:
    """Return the faults of a frame of outlets that no single cell shows."""
    numbered = frame.with_row_index("row")
    return [
        *_common_faults(numbered, "outlets", "outlet_id"),
        *_rows(numbered, pl.col("lat_deg").is_null() != pl.col("lon_deg").is_null(), None, "with half a position"),
    ]


def inlet_faults(frame: pl.DataFrame) -> list[str]:
    """Return the faults of a frame of inlets that no single cell shows."""
    numbered = frame.with_row_index("row")
    without = pl.all_horizontal(pl.col("imo", "mmsi").is_null())
    electric = pl.any_horizontal(pl.col(*_PAIR, "connector", "plugs_n", "kind", "profile").is_not_null())
    wrong_class = numbered.filter(pl.col("ship_class").is_not_null() & ~pl.col("ship_class").is_in(ship_classes()))
    faults = [
        *_rows(numbered, without, None, "with neither imo nor mmsi"),
        *_rows(numbered, ~imo_check("imo"), "imo", "with a wrong check digit"),
        *_rows(numbered, ~mmsi_is_ship("mmsi"), "mmsi", "of no ship station"),
        *_words(wrong_class, "ship_class", ship_classes()),
        *_common_faults(numbered, "inlets", "inlet_id"),
        *_rows(numbered, ~pl.col("has_inlet") & electric, None, "without an inlet (has_inlet) that have one described"),
        *_frequency_faults(numbered, "bus_frequency_hz"),
        *_transformer_faults(numbered),
    ]
    for mean, peak in _MEANS:
        top = pl.max_horizontal(peak, "peak_mw_high") if peak == "peak_mw" else pl.col(peak)
        faults += _rows(numbered, pl.col(mean) > top, mean, f"above {peak}")
    return faults


def assessment_faults(frame: pl.DataFrame) -> list[str]:
    """Return the faults of a frame of assessments that no single cell shows."""
    numbered = frame.with_row_index("row")
    key = ("imo", "berth_id", "assessed_on")
    whole = pl.all_horizontal(pl.col(key).is_not_null())
    return [
        *_rows(numbered, ~imo_check("imo"), "imo", "with a wrong check digit"),
        *_rows(numbered, whole & pl.struct(key).is_duplicated(), "berth_id", "of the same ship, berth and day twice"),
    ]


def resolve_ports(frame: pl.DataFrame, known_ports: Collection[str] = ()) -> tuple[pl.DataFrame, list[str]]:
    """Return the frame with canonical port codes, those that were given in ``locode_given``, and the faults."""
    faults, canonical = [], {}
    numbered = frame.with_row_index("row")
    for (code,), rows in numbered.drop_nulls("locode").group_by("locode", maintain_order=True):
        try:
            canonical[code] = str(code) if code in known_ports else resolve_locode(str(code))
        except ReferenceDataError as error:
            faults.append(f"column 'locode': {error}, first: row {rows['row'][0]}")
    replaced = pl.col("locode").replace(canonical)
    given: pl.Expr = pl.when(replaced != pl.col("locode")).then("locode")
    if "locode_given" in frame.columns:  # a register that was read before
        given = pl.coalesce(given, pl.col("locode_given").cast(pl.String))
    return frame.with_columns(given.alias("locode_given"), replaced.alias("locode")), faults


def _common_faults(frame: pl.DataFrame, table: str, key: str) -> list[str]:
    limit = value("high_voltage_above_kv")
    high, kv = pl.col("kind") == "HVSC", pl.col("voltage_kv")
    faults = [
        *_profile_faults(frame),
        *_frequency_faults(frame, "frequency_hz"),
        *_rows(frame, high & (kv <= limit), "voltage_kv", f"of kind HVSC at or below {limit:g} kV"),
        *_rows(frame, (pl.col("kind") == "LVSC") & (kv > limit), "voltage_kv", f"of kind LVSC above {limit:g} kV"),
        *_rows(frame, (pl.col("kind") == "DC") != (pl.col("frequency_hz") == 0), "frequency_hz",
               "that do not go with the kind: 0 Hz is DC and only DC"),
        *_rows(frame, pl.col("pair").is_not_null() & pl.any_horizontal(pl.col(_PAIR).is_null()), "pair",
               "without a voltage or a frequency"),
    ]  # fmt: skip
    for low, top in _RANGES[table]:
        if top.endswith("_high"):
            faults += _rows(frame, pl.col(top).is_not_null() & pl.col(low).is_null(), top, f"without {low}")
        faults += _rows(frame, pl.col(top) < pl.col(low), top, f"below {low}" if low != "since" else "before since")
    return [*faults, *_twice(frame, table, key)]


def _twice(frame: pl.DataFrame, table: str, key: str) -> list[str]:
    """Return pairs that stand twice, and outlets or inlets whose rows contradict each other."""
    parts = frame.filter(pl.col(key).is_not_null() & pl.col(key).is_duplicated())
    again = parts.filter(~pl.struct(key, *_PAIR).is_first_distinct())
    faults = [
        f"{key} '{name}': {_said(kv, 'kV')}, {_said(hz, 'Hz')} twice: row {row}"
        for name, kv, hz, row in again.select(key, *_PAIR, "row").iter_rows()
    ]
    own = [c for c in frame.columns if c not in {"row", key, "locode_given"} and _base(c) not in PAIR_COLUMNS[table]]
    for column in own:
        several = parts.filter(pl.col(column).n_unique().over(key) > 1)
        for (name,), rows in several.group_by(key, maintain_order=True):
            different = ", ".join(f"'{v}'" if v is not None else "empty" for v in rows[column].unique().sort())
            first = rows.filter(pl.col(column).ne_missing(rows[column][0]))["row"][0]
            faults.append(f"{key} '{name}': more than one {column} ({different}), first: row {first}")
    return faults


def _base(column: str) -> str:
    passport = passport_of(column)
    return passport[0] if passport else column


def _said(number: float | None, unit: str) -> str:
    return f"unknown {unit}" if number is None else f"{number:g} {unit}"


def _profile_faults(frame: pl.DataFrame) -> list[str]:
    kinds = dict(load("connector_profiles").select("profile_id", "kind").iter_rows())
    listed = frame.select("row", "kind", pl.col("profile").str.split("|")).explode("profile").drop_nulls("profile")
    faults = _words(listed.filter(~pl.col("profile").is_in(list(kinds))), "profile", kinds)
    known = pl.col("profile").replace_strict(kinds, default=None, return_dtype=pl.String)
    return faults + _rows(listed, known != pl.col("kind"), "profile", "of another kind than the column 'kind' says")


def _frequency_faults(frame: pl.DataFrame, column: str) -> list[str]:
    strange = pl.col(column).is_between(*_limits(frame, column)) & ~pl.col(column).is_in(FREQUENCIES_HZ)
    return _rows(frame, strange, column, "neither 50 nor 60 Hz (0 is direct current)")


def _limits(frame: pl.DataFrame, column: str) -> tuple[float, float]:
    """Return the range of the table: what lies outside is a fault already."""
    table = "outlets" if "outlet_id" in frame.columns else "inlets"
    low, high = schema(table)[column].minimum, schema(table)[column].maximum
    return (low or 0.0, high or 0.0)


def _transformer_faults(frame: pl.DataFrame) -> list[str]:
    """Return faults of a list of shore voltages that a transformer on board takes."""
    column = schema("inlets")["voltage_kv"]
    low, high = column.minimum or 0.0, column.maximum or 0.0
    faults = []
    for text, row in frame.select("transformer_kv", "row").drop_nulls().iter_rows():
        for part in () if text == NO_TRANSFORMER else text.split("|"):
            number = _number(part)
            if number is None:
                faults.append(f"column 'transformer_kv': '{part}' is no voltage in kV: row {row}")
            elif not low <= number <= high:
                hint = unit_hint(number, column)
                faults.append(f"column 'transformer_kv': {number:g} out of {low:g} to {high:g} kV: row {row}{hint}")
    return faults


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _words(wrong: pl.DataFrame, column: str, choices: Iterable[str]) -> list[str]:
    known = list(choices)
    return [
        f"column '{column}': unknown '{word}'{did_you_mean(str(word), known) or '; choose from ' + ', '.join(known)}"
        f", first: row {rows['row'][0]}"
        for (word,), rows in wrong.group_by(column, maintain_order=True)
    ]


def _rows(frame: pl.DataFrame, wrong: pl.Expr, column: str | None, text: str) -> list[str]:
    bad = frame.filter(wrong)
    if bad.is_empty():
        return []
    first = f"first: row {bad['row'][0]}" + (f" ({bad[column][0]})" if column else "")
    return [f"column '{column}': {bad.height} {text}, {first}" if column else f"{bad.height} rows {text}, {first}"]
