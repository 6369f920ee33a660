"""How well the inputs of each segment are known, in words that uncertainty bands can be hung on."""

from typing import Any

import polars as pl

from sisterport import tables
from sisterport.fleet import size_bin

GRADES = ("register", "unverified", "regression", "class_average", "unknown")
"""Grades of ship particulars, best first."""


def grade(source: pl.Expr, known: pl.Expr) -> pl.Expr:
    """Return the grade of a particular from the words of its ``*_source`` column.

    Parameters
    ----------
    source
        How the value is known: a word of `sisterport.fleet.SOURCE_WORDS` first. A register's doubtful value is
        ``unverified``; every source that is neither register nor regression counts as a class average, the worst.
    known
        Whether there is a value at all.

    Examples
    --------
    >>> words = ["register", "regression (Cepowski 2019)", "class average", "unknown"]
    >>> rows = pl.DataFrame({"s": words, "v": [1, 2, 3, None]})
    >>> rows.select(grade(pl.col("s"), pl.col("v").is_not_null()))["s"].to_list()
    ['register', 'regression', 'class_average', 'unknown']
    """
    words = source.fill_null("").str.to_lowercase()
    return (
        pl.when(~known)
        .then(pl.lit("unknown"))
        .when(words.str.starts_with("regression"))
        .then(pl.lit("regression"))
        .when(words.str.starts_with("register (unverified)"))
        .then(pl.lit("unverified"))
        .when(words.str.starts_with("register"))
        .then(pl.lit("register"))
        .otherwise(pl.lit("class_average"))
    ).alias(source.meta.output_name())


def input_quality(segments: Any, ships: Any) -> Any:
    """Return how the inputs of each segment are known.

    Parameters
    ----------
    segments, ships
        Frames of the tables ``segments`` and ``ships``.

    Returns
    -------
    frame, one row per segment
        ``segment_id``; ``particulars`` (the worse of power and reference speed), ``power``,
        ``reference_speed`` (`GRADES`); ``speed``: transmitted, derived (distance over time for most of the
        time) or bridged; ``draught``: known or unknown (no reference draught, or none reported most of the
        time); ``auxiliary``: table or unknown; ``engine_age``: known or assumed (build and keel year).

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> input_quality(empty("segments"), empty("ships")).columns[:3]
    ['segment_id', 'particulars', 'power']
    """
    caller = tables.Caller(segments)
    rows = tables.check(segments, "segments").select(
        "segment_id", "mmsi", "quality", "hours", "hours_derived", "hours_no_draught"
    )
    fleet = tables.check(ships, "ships")
    binned = pl.coalesce("size_bin", size_bin())
    graded = fleet.with_columns(
        grade(pl.col("power_kw_source"), pl.col("power_kw").is_not_null()).alias("power"),
        grade(pl.col("v_ref_kn_source"), pl.col("v_ref_kn").is_not_null()).alias("reference_speed"),
        _either("known", "unknown", pl.col("draught_ref_m").is_not_null()).alias("draught"),
        _either("table", "unknown", binned.is_not_null()).alias("auxiliary"),
        _either("known", "assumed", pl.col("build_year").is_not_null() & pl.col("keel_year").is_not_null()).alias(
            "engine_age"
        ),
    )
    rank = {name: index for index, name in enumerate(GRADES)}
    words = ["power", "reference_speed", "draught", "auxiliary"]
    worst = pl.max_horizontal(pl.col(name).replace_strict(rank, return_dtype=pl.Int8) for name in words[:2])
    joined = rows.join(graded.select("mmsi", *words, "engine_age"), on="mmsi", how="left", maintain_order="left")
    filled = joined.with_columns(
        *(pl.col(name).fill_null("unknown") for name in words), pl.col("engine_age").fill_null("assumed")
    )
    result = filled.select(
        "segment_id",
        worst.replace_strict({index: name for name, index in rank.items()}, return_dtype=pl.String).alias(
            "particulars"
        ),
        "power",
        "reference_speed",
        pl.when(pl.col("quality") == "bridged")
        .then(pl.lit("bridged"))
        .when(2 * pl.col("hours_derived") > pl.col("hours"))
        .then(pl.lit("derived"))
        .otherwise(pl.lit("transmitted"))
        .alias("speed"),
        pl.when(2 * pl.col("hours_no_draught") > pl.col("hours"))
        .then(pl.lit("unknown"))
        .otherwise("draught")
        .alias("draught"),
        "auxiliary",
        "engine_age",
    )
    return caller.back(result)


def _either(yes: str, no: str, condition: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(pl.lit(yes)).otherwise(pl.lit(no))
