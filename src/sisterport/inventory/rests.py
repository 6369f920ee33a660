"""What a sum rests on, and what would narrow its band most."""

import polars as pl

from sisterport.fleet import source_word
from sisterport.inventory.quality import grade
from sisterport.inventory.spreads import spread_of
from sisterport.reference import load, value

MAIN, AUXILIARY = "main", ("auxiliary_engine", "boiler")

_INPUTS: dict[str, tuple[str, ...]] = {
    "main power": (MAIN,),
    "reference speed": (MAIN,),
    "speed": (MAIN,),
    "draught": (MAIN,),
    "ship class": AUXILIARY,
    "size": AUXILIARY,
    "engine type": (MAIN, *AUXILIARY),
    "fuel": (MAIN, *AUXILIARY),
    "engine age and tier": (MAIN, *AUXILIARY),
}
"""Inputs and the systems whose energy or factors rest on them."""

_MENDING = {
    "particulars": "power and reference speed of these ships from a register",
    "speed": "positions without long gaps",
    "draught": "reference draughts, and draughts as reported at departure",
    "weather": "weather on the day instead of a margin of the class",
    "auxiliary_power": "measured auxiliary load of ships or terminals",
    "boiler_power": "measured boiler load of ships or terminals",
    "consumption": "consumption from certificates or fuel reports",
    "factor": "measured emission factors",
}
_FACTORS = {
    "co2": "factor_co2",
    "ch4": "factor_ch4",
    "n2o": "factor_n2o",
    "nox": "factor_nox",
    "sox": "factor_sox",
    "pm10": "factor_pm",
    "pm25": "factor_pm",
    "bc": "factor_bc",
}
_WITHIN = "reference_speed"
_PER_SHIP = ("particulars", "speed", "draught")
"""Errors of one ship: they average out over ships; all others are shared by ships."""


def input_columns() -> list[pl.Expr]:
    """Return how each input is known (``known <input>``), from the columns of the ships and of `input_quality`."""
    return [
        grade(pl.col("power_kw_source"), pl.col("power_kw").is_not_null()).alias("known main power"),
        grade(pl.col("v_ref_kn_source"), pl.col("v_ref_kn").is_not_null()).alias("known reference speed"),
        pl.col("speed").alias("known speed"),
        pl.col("draught").alias("known draught"),
        source_word("ship_class_source").fill_null("unknown").alias("known ship class"),
        source_word("size_source").fill_null("unknown").alias("known size"),
        source_word("engine_type_source").fill_null("unknown").alias("known engine type"),
        source_word("fuel_source").fill_null("unknown").alias("known fuel"),
        pl.col("engine_age").alias("known engine age and tier"),
    ]


def rests_on(parts: pl.DataFrame) -> pl.DataFrame:
    """Return the share of a sum and of its hours by how each input is known.

    Parameters
    ----------
    parts
        ``segment_id, system, hours, product, active`` and the columns of `input_columns`.

    Returns
    -------
    DataFrame
        ``input, grade, share_value, share_hours`` [-]; an input's shares add up to the share of the systems that
        rest on it.
    """
    total = parts["product"].sum()
    hours = parts.unique("segment_id")["hours"].sum()
    frames = []
    for name, systems in _INPUTS.items():
        rows = parts.filter(pl.col("system").is_in(systems) & pl.col("active"))
        of_value = rows.group_by(grade=pl.col(f"known {name}"), maintain_order=True).agg(pl.col("product").sum())
        of_hours = (
            rows.unique(["segment_id", f"known {name}"])
            .group_by(grade=pl.col(f"known {name}"), maintain_order=True)
            .agg(pl.col("hours").sum())
        )
        joined = of_hours.join(of_value, on="grade", how="left", maintain_order="left").select(
            pl.lit(name).alias("input"),
            "grade",
            (pl.col("product") / total if total else pl.lit(None, pl.Float64)).alias("share_value"),
            (pl.col("hours") / hours if hours else pl.lit(None, pl.Float64)).alias("share_hours"),
        )
        frames.append(joined.sort("share_value", "share_hours", "grade", descending=[True, True, False]))
    return pl.concat(frames)


def narrowing(parts: pl.DataFrame, *, consumption: tuple[str, ...]) -> pl.DataFrame:
    """Return what makes the band of a sum wide, the widest first.

    Parameters
    ----------
    parts
        ``mmsi, ship_class, system, pollutant, product, speed, draught, power_kw_source, v_ref_kn_source``.
    consumption
        Pollutants that specific consumption goes into.

    Returns
    -------
    DataFrame
        ``input, grade, share_value, sd_of_value, mend``: the share of the sum that it acts on, and the spread of the
        sum that it alone causes [-]. Errors of single ships are added up in squares, shared ones plainly.
    """
    total = parts["product"].sum()
    if not total:
        return pl.DataFrame(schema=_NARROWING)
    lists = [_spread_rows(parts.filter(pl.col("product") > 0), name, consumption) for name in _names()]
    rows = pl.concat([frame for frame in lists if frame.height])
    by_ship = rows.group_by("input", "grade", "mmsi", maintain_order=True).agg(
        pl.col("product").sum() / total, (pl.col("product") * pl.col("sd")).sum().alias("sd") / total
    )
    alone = pl.col("input").is_in(_PER_SHIP)
    squares = pl.col("sd").pow(2).sum().sqrt()
    summed = by_ship.group_by("input", "grade", maintain_order=True).agg(
        pl.col("product").sum().alias("share_value"),
        pl.when(alone.first()).then(squares).otherwise(pl.col("sd").sum()).alias("sd_of_value"),
    )
    mend = pl.col("input").str.replace("^factor_.*", "factor").replace_strict(_MENDING, return_dtype=pl.String)
    return (
        summed.with_columns(mend.alias("mend"))
        .select(list(_NARROWING))
        .sort("sd_of_value", "input", "grade", descending=[True, False, False])
    )


_NARROWING = {
    "input": pl.String,
    "grade": pl.String,
    "share_value": pl.Float64,
    "sd_of_value": pl.Float64,
    "mend": pl.String,
}


def _names() -> list[str]:
    """Return the inputs that bands are drawn from; the meaning of a reference speed is part of the particulars'."""
    return [name for name in load("uncertainty_inputs")["input"].unique(maintain_order=True) if name != _WITHIN]


def _spread_rows(parts: pl.DataFrame, name: str, consumption: tuple[str, ...]) -> pl.DataFrame:
    """Return the parts that an input acts on, with ``input, grade, sd``."""
    main = pl.col("system") == MAIN
    acts = {
        "auxiliary_power": pl.col("system") == "auxiliary_engine",
        "boiler_power": pl.col("system") == "boiler",
        "consumption": pl.col("pollutant").is_in(consumption),
    }
    if name.startswith("factor_"):
        acts[name] = pl.col("pollutant").is_in([p for p, factor in _FACTORS.items() if factor == name])
    rows = parts.filter(acts.get(name, main))
    how = {
        "particulars": _worse_source(),
        "speed": pl.col("speed"),
        "draught": pl.col("draught"),
        "weather": pl.lit("class"),
    }.get(name, pl.lit("table"))
    times = value("speed_power_exponent") if name == "speed" else 1.0
    keyed = rows.select("mmsi", "ship_class", "product", pl.lit(name).alias("input"), how.alias("how"))
    kinds = keyed.select("how", "ship_class").unique(maintain_order=True)
    sds = [times * spread_of(name, how, ship_class).sd_ln for how, ship_class in kinds.iter_rows()]
    return keyed.join(
        kinds.with_columns(pl.Series("sd", sds, dtype=pl.Float64)),
        on=["how", "ship_class"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    ).select("input", source_word("how").alias("grade"), "mmsi", "product", "sd")


def _worse_source() -> pl.Expr:
    """Return how the worse known of power and reference speed is known."""
    order = ["register", "regression", "class average"]
    power, speed = pl.col("power_kw_source").fill_null("unknown"), pl.col("v_ref_kn_source").fill_null("unknown")

    def rank(text: pl.Expr) -> pl.Expr:
        place = pl.lit(len(order))
        for index, word in reversed(list(enumerate(order))):
            place = pl.when(text.str.starts_with(word)).then(index).otherwise(place)
        return place

    return pl.when(rank(speed) > rank(power)).then(speed).otherwise(power)


def leading_ships(parts: pl.DataFrame) -> pl.DataFrame:
    """Return the few ships whose particulars and loads matter most: share of the sum times its spread.

    Returns
    -------
    DataFrame
        ``mmsi, name, ship_class, share_value, sd_of_value, share_main`` (of the ship's own part),
        ``power_kw_source, v_ref_kn_source, size_source``.
    """
    total = parts["product"].sum()
    own = [
        _spread_rows(parts.filter(pl.col("product") > 0), name, ())
        for name in ("particulars", "auxiliary_power", "boiler_power")
    ]
    sources = ("name", "ship_class", "power_kw_source", "v_ref_kn_source", "size_source")
    ships = parts.group_by("mmsi", maintain_order=True).agg(*(pl.col(name).first() for name in sources))
    sums = (
        pl.concat(own)
        .group_by("mmsi", maintain_order=True)
        .agg(
            pl.col("product").sum().alias("share_value") / total,
            (pl.col("product") * pl.col("sd")).sum().alias("sd_of_value") / total,
            (pl.col("product").filter(pl.col("input") == "particulars").sum() / pl.col("product").sum()).alias(
                "share_main"
            ),
        )
    )
    joined = sums.join(ships, on="mmsi", how="left", maintain_order="left")
    columns = ["mmsi", "name", "ship_class", "share_value", "sd_of_value", "share_main", *sources[2:]]
    return (
        joined.select(columns)
        .sort("sd_of_value", "mmsi", descending=[True, False])
        .head(int(value("explained_inputs")))
    )
