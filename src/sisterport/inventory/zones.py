"""Emission control areas and ports as rules: which sulphur limit and which NOx date hold where and when."""

import json
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from sisterport.errors import InputError, did_you_mean
from sisterport.reference import load, path

RULES = {
    "zone_id": pl.String,
    "valid_from": pl.Date,
    "sulphur_pct_max": pl.Float64,
    "nox_tier3_from": pl.Date,
}
"""Columns of a frame of zone rules: one row per zone and step of its sulphur limit."""


@cache
def zone_rules() -> pl.DataFrame:
    """Return the rules of the emission control areas in the reference data.

    Returns
    -------
    DataFrame
        ``zone_id``, ``valid_from`` (first day of the step), ``sulphur_pct_max`` [percent], ``nox_tier3_from``
        (null: not a NOx area).

    Examples
    --------
    >>> rules = zone_rules().filter(pl.col("zone_id") == "north_america")
    >>> rules["sulphur_pct_max"].to_list()
    [1.0, 0.1]
    """
    features = json.loads(path("emission_zones").read_text(encoding="utf-8"))["features"]
    steps = [step for feature in features for step in _steps(feature["properties"])]
    return pl.DataFrame(steps, schema=RULES, orient="row").unique().sort("zone_id", "valid_from")


def _steps(zone: dict[str, Any]) -> list[tuple[str, date, float | None, date | None]]:
    """Return the sulphur steps of one feature; a NOx-only area has one step without a sulphur limit."""
    nox = date.fromisoformat(zone["nox_tier3_from"]) if zone.get("nox_tier3_from") else None
    limits = zone.get("sulphur_limits") or [{"from": zone["valid_from"], "sulphur_pct_max": None}]
    return [(zone["zone_id"], date.fromisoformat(s["from"]), s["sulphur_pct_max"], nox) for s in limits]


def rules_at(places: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Return `places` with the limits that hold there on that day.

    Parameters
    ----------
    places
        Frame with ``zone_id`` (null: outside all zones) and ``date``.
    rules
        Frame of zone rules as `zone_rules` gives it.

    Returns
    -------
    DataFrame
        `places` with ``sulphur_pct_max`` (null where no zone limit holds) and ``nox_tier3_from`` (null where
        no NOx area holds yet).

    Raises
    ------
    InputError
        If a zone is not in the rules.

    Examples
    --------
    >>> rows = pl.DataFrame({"zone_id": ["north_america", None], "date": [date(2020, 12, 1)] * 2})
    >>> rules_at(rows, zone_rules())["sulphur_pct_max"].to_list()
    [0.1, None]
    """
    known = set(rules["zone_id"])
    unknown = [zone for zone in places["zone_id"].drop_nulls().unique() if zone not in known]
    if unknown:
        hint = did_you_mean(unknown[0], sorted(known))
        raise InputError(f"no rules for emission zone '{unknown[0]}'{hint}; known: {', '.join(sorted(known))}")
    days = places.select("zone_id", "date").unique().sort("date")
    held = days.join_asof(
        rules.sort("valid_from"), left_on="date", right_on="valid_from", by="zone_id", check_sortedness=False
    ).select(
        "zone_id",
        "date",
        "sulphur_pct_max",
        pl.when(pl.col("nox_tier3_from") <= pl.col("date")).then("nox_tier3_from").alias("nox_tier3_from"),
    )
    return places.join(held, on=["zone_id", "date"], how="left", nulls_equal=True, maintain_order="left")


@cache
def port_rules() -> pl.DataFrame:
    """Return the national rules of ports that are applied: reference table ``national_rules``, column ``applied``.

    Examples
    --------
    >>> port_rules().filter(pl.col("rule_id") == "eu_berth")["sulphur_pct_max"].to_list()
    [0.1]
    """
    return load("national_rules").filter(pl.col("applied") == "yes")


def port_rule(rule: dict[str, Any]) -> pl.Expr:
    """Return where and when a rule of `port_rules` holds, from ``locode``, ``mode`` and ``date``.

    The two hours of stay that the EU rule allows are not told apart: they would need the timetable.
    """
    country = pl.col("locode").str.slice(0, 2)
    day = pl.col("date")
    held = pl.col("mode").is_in(rule["mode"].split()) & _since(day, rule) & _before_end(day, rule)
    if rule["locodes"]:
        return held & pl.col("locode").is_in(rule["locodes"].split("|"))
    return held & (_in_the_union(country, day) if rule["country"] == "EU" else country == rule["country"])


def _in_the_union(country: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Return whether a country was a member of the European Union on a day."""
    members = load("eea_countries").filter(pl.col("eu") == "yes").iter_rows(named=True)
    return pl.any_horizontal((country == row["country"]) & _since(day, row) & _up_to_end(day, row) for row in members)


def _since(day: pl.Expr, row: dict[str, Any]) -> pl.Expr:
    return day >= date.fromisoformat(row["valid_from"])


def _before_end(day: pl.Expr, row: dict[str, Any]) -> pl.Expr:
    """Return whether a day is before ``valid_to`` of ``national_rules``: the first day without the rule."""
    return day < date.fromisoformat(row["valid_to"]) if row["valid_to"] else pl.lit(value=True)


def _up_to_end(day: pl.Expr, row: dict[str, Any]) -> pl.Expr:
    """Return whether a day is not after ``valid_to`` of ``eea_countries``: the last day of a membership."""
    return day <= date.fromisoformat(row["valid_to"]) if row["valid_to"] else pl.lit(value=True)


def with_port_rules(places: pl.DataFrame) -> pl.DataFrame:
    """Return `places` with ``sulphur_pct_max`` lowered where a national rule of the port holds.

    Parameters
    ----------
    places
        Frame with ``locode``, ``mode``, ``date`` and ``sulphur_pct_max`` (null: no limit but the world's).

    Examples
    --------
    >>> berth = {"locode": ["PTLIS", "MACAS"], "mode": ["berth"] * 2, "date": [date(2020, 12, 1)] * 2}
    >>> limits = pl.Series("sulphur_pct_max", [None, None], pl.Float64)
    >>> with_port_rules(pl.DataFrame(berth).with_columns(limits))["sulphur_pct_max"].to_list()
    [0.1, None]
    """
    limits = [pl.when(port_rule(r)).then(pl.lit(r["sulphur_pct_max"])) for r in port_rules().iter_rows(named=True)]
    return places.with_columns(pl.min_horizontal("sulphur_pct_max", *limits).alias("sulphur_pct_max"))
