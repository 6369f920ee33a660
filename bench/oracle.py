"""The whole job once more, twice over: as SQL for DuckDB and as Polars expressions.

From positions to the sums of segments by ship, area, mode, zone, day and quality, and on to energy, fuel and
pollutants. Nothing is shared with the package but the reference tables; `tests/voyages/test_oracle_sql.py` holds the
kernel against this, `bench/run.py` races it. Areas are boxes on the grid of 0.01 deg and control areas boxes on whole
degrees (`generate`), so that joins on cells are exact. What is left out: holes that have to be bridged.
"""

from collections.abc import Mapping
from math import radians
from pathlib import Path
from typing import Any

import polars as pl

from oracle_tables import MODES, constants, tables
from sisterport.reference import value

KEYS = ("mmsi", "area_id", "mode", "mode_basis", "in_zone", "date", "quality")
SUMS = ("hours", "distance_nm", "hours_derived", "hours_no_draught")
STATISTICS = (
    "lf_h", "lf_sfc_h", "lf_sfc_high_h", "lf_nox_h", "lf_nox_low_h", "lf_pm_h", "lf_hc_h", "lf_co_h", "lf_co2_h",
    "lf_so2_h", "lf_bc_residual_h", "lf_bc_distillate_h",
)  # fmt: skip
POLLUTANTS = ("co2_t", "ch4_kg", "n2o_kg", "nox_kg", "sox_kg", "pm10_kg", "pm25_kg", "bc_kg", "co_kg", "nmvoc_kg")
QUALITIES = ("seen", "stayed", "shifted")


def _low_load(name: str) -> str:
    limit = f"({{{name}_a}} * pow({{low}}, -{{{name}_x}}) + {{{name}_b}})"
    return f"CASE WHEN lf <= {{low}} THEN ({{{name}_a}} * pow(lf, -{{{name}_x}}) + {{{name}_b}}) / {limit} ELSE 1 END"


SEGMENTS_SQL = f"""
WITH fixes AS (
  SELECT mmsi, epoch(time_utc)::BIGINT AS t, lat_deg AS y, lon_deg AS x, sog_kn AS sog, nullif(draught_m, 0) AS draught,
    ((floor(lat_deg * 100) + 9000) * 36000 + floor(lon_deg * 100) + 18000)::INT AS cell,
    ((floor(lat_deg) + 90) * 360 + floor(lon_deg) + 180)::INT AS tile
  FROM {{source}}
), ahead AS (
  SELECT *, lead(t) OVER ship AS t2, lead(y) OVER ship AS y2, lead(x) OVER ship AS x2,
    last_value(draught IGNORE NULLS) OVER (ship ROWS UNBOUNDED PRECEDING) AS draught_known
  FROM fixes WINDOW ship AS (PARTITION BY mmsi ORDER BY t)
), step AS (
  SELECT *, coalesce(t2 - t, 0) AS dt,
    2 * {{r}} * asin(least(1, sqrt(pow(sin(radians(y2 - y) / 2), 2)
      + cos(radians(y)) * cos(radians(y2)) * pow(sin(radians(x2 - x) / 2), 2)))) AS way
  FROM ahead
), known AS (  -- speed as transmitted, or over a short interval
  SELECT *, CASE WHEN sog IS NOT NULL THEN sog WHEN dt > 0 AND dt <= {{hole_s}} THEN way * 3600 / dt END AS u FROM step
), ends AS (  -- the lower of the speeds before and after
  SELECT *, least(coalesce(last_value(u IGNORE NULLS) OVER (ship ROWS UNBOUNDED PRECEDING), 0),
    coalesce(lead(u) OVER ship, 0)) AS at_ends FROM known WINDOW ship AS (PARTITION BY mmsi ORDER BY t)
), seen AS (
  SELECT *, CASE WHEN dt <= {{hole_s}} THEN 0 WHEN at_ends >= {{under_way}} THEN 3 WHEN way <= {{stay_nm}} THEN 1
    WHEN way <= {{shift_nm}} AND way * 3600 < {{rest}} * dt THEN 2 ELSE 3 END AS quality
  FROM ends
), speed AS (
  SELECT *, coalesce(last_value(CASE WHEN quality IN (1, 2) THEN 0 ELSE u END IGNORE NULLS)
    OVER (PARTITION BY mmsi ORDER BY t ROWS UNBOUNDED PRECEDING), 0) AS v
  FROM seen
), stop AS (
  SELECT *, coalesce(last_value(CASE WHEN v < {{on}} THEN 1 WHEN v >= {{off}} THEN 0 END IGNORE NULLS)
    OVER (PARTITION BY mmsi ORDER BY t ROWS UNBOUNDED PRECEDING), 0) AS stopped
  FROM speed
), placed AS (
  SELECT stop.*, area_id, kind, coalesce(in_zone, false) AS in_zone,
    coalesce(pow(greatest(south - y, y - north, 0), 2) + pow(greatest(west - x, x - east, 0) * scale, 2)
      <= pow({{near}}, 2), false) AS near
  FROM stop LEFT JOIN cells USING (cell) LEFT JOIN tiles USING (tile)
), moded AS (
  SELECT *, CASE WHEN kind IS NULL AND stopped = 0 THEN CASE WHEN near AND v < {{slow}} THEN 1 ELSE 0 END
    WHEN stopped = 0 THEN 1 WHEN kind IN ('berth', 'terminal') THEN 3 ELSE 2 END AS raw
  FROM placed
), changes AS (
  SELECT *, (raw IS DISTINCT FROM lag(raw) OVER (PARTITION BY mmsi ORDER BY t))::INT AS changed FROM moded
), runs AS (
  SELECT *, sum(changed) OVER (PARTITION BY mmsi ORDER BY t ROWS UNBOUNDED PRECEDING) AS run FROM changes
), timed AS (
  SELECT *, max(coalesce(t2, t)) OVER (PARTITION BY mmsi, run) - min(t) OVER (PARTITION BY mmsi, run) AS run_s FROM runs
), settled AS (
  SELECT *, last_value(CASE WHEN run = 1 OR run_s >= {{run_s}} THEN raw END IGNORE NULLS)
    OVER (PARTITION BY mmsi ORDER BY t ROWS UNBOUNDED PRECEDING) AS mode
  FROM timed
), days AS (
  SELECT *, unnest(range(t // 86400, (t2 - 1) // 86400 + 1)) AS day
  FROM settled WHERE dt > 0 AND quality < 3 AND (quality = 0 OR dt <= {{hole_max_s}})
), pieces AS (
  SELECT days.*, ships.* EXCLUDE (mmsi),
    (least(t2, (day + 1) * 86400) - greatest(t, day * 86400)) / 3600.0 AS hours,
    CASE WHEN in_zone THEN {{s_in}} ELSE {{s_out}} END AS s,
    CASE WHEN mode < 2 AND v > 0 THEN least({{lf_max}}, pow(v / v_ref_kn, 3) * factor
      * CASE WHEN draught_known IS NULL THEN 1  -- greatest and least pass over nulls
        ELSE pow(greatest({{t_low}}, least({{t_high}}, draught_known / draught_ref_m)), {{t_exp}}) END)
      ELSE 0 END AS lf0
  FROM days JOIN ships USING (mmsi)
), loads AS (
  SELECT *, CASE WHEN lf0 >= {{lf_off}} THEN lf0 END AS lf FROM pieces
), curves AS (
  SELECT *, lf * hours AS w, {{a2}} * lf * lf + {{a1}} * lf + {{a0}} AS g, {_low_load("nox")} AS nox FROM loads
)
SELECT mmsi, area_id, mode, CASE WHEN kind IS NULL THEN 'unknown' ELSE 'area' END AS mode_basis, in_zone, day, quality,
  sum(hours) AS hours, sum(CASE WHEN quality = 1 THEN 0 ELSE way END * hours * 3600 / dt) AS distance_nm,
  sum(CASE WHEN quality > 0 OR sog IS NULL THEN hours ELSE 0 END) AS hours_derived,
  sum(CASE WHEN draught_known IS NULL THEN hours ELSE 0 END) AS hours_no_draught,
  max(dt) / 3600.0 AS gap_max_h, sum(w) AS lf_h, sum(w * g) AS lf_sfc_h,
  sum(CASE WHEN lf >= {{low}} THEN w * (g - 1) END) AS lf_sfc_high_h,
  sum(CASE WHEN lf >= {{tier3}} THEN w * nox END) AS lf_nox_h,
  sum(CASE WHEN lf < {{tier3}} THEN w * nox END) AS lf_nox_low_h,
  sum(w * {_low_load("pm10")}) AS lf_pm_h, sum(w * {_low_load("hc")}) AS lf_hc_h, sum(w * {_low_load("co")}) AS lf_co_h,
  sum(w * {_low_load("co2")}) AS lf_co2_h,
  sum(w * CASE WHEN lf <= {{low}} THEN ({{so2_a}} * ({{c1}} / lf + {{c0}}) * s + {{so2_b}})
    / ({{so2_a}} * ({{c1}} / {{low}} + {{c0}}) * s + {{so2_b}}) ELSE 1 END) AS lf_so2_h,
  sum(w * g * pow(greatest(lf, {{lf_bc}}), -bc_residual)) AS lf_bc_residual_h,
  sum(w * g * pow(greatest(lf, {{lf_bc}}), -bc_distillate)) AS lf_bc_distillate_h
FROM curves GROUP BY ALL
"""

EMISSIONS_SQL = """
WITH named AS (
  SELECT s.*, ['cruise', 'manoeuvring', 'anchorage', 'berth'][s.mode + 1] AS word, ships.power_kw
  FROM segments s JOIN ships USING (mmsi)
), systems AS (
  SELECT n.*, 'main' AS system, power_kw AS kw FROM named n
  UNION ALL SELECT n.*, p.system, p.kw FROM named n JOIN power p ON p.mmsi = n.mmsi AND p.mode = n.word
), burnt AS (
  SELECT s.*, f.* EXCLUDE (mmsi, in_zone, system), s.system = 'main' AS main FROM systems s JOIN factors f
    ON f.mmsi = s.mmsi AND f.in_zone = s.in_zone AND f.system = s.system
), fuels AS (
  SELECT *, kw * CASE WHEN main THEN coalesce(lf_h, 0) ELSE hours END AS kwh,
    kw * sfc * CASE WHEN main THEN coalesce(lf_sfc_h, 0) ELSE hours END AS fuel_g FROM burnt
)
SELECT mmsi, area_id, word AS mode, in_zone, day, quality, system, fuel, sum(hours) AS hours, sum(kwh) AS energy_kwh,
  sum(fuel_g) / 1e6 AS fuel_t, sum(fuel_g * co2) / 1e6 AS co2_t,
  sum(kw * ch4 * CASE WHEN main THEN coalesce(lf_hc_h, 0) ELSE hours END) / 1e3 AS ch4_kg,
  sum(kw * n2o * CASE WHEN main THEN coalesce(lf_nox_h, 0) + coalesce(lf_nox_low_h, 0) ELSE hours END) / 1e3 AS n2o_kg,
  sum(kw * CASE WHEN main THEN nox * coalesce(lf_nox_h, 0) + nox_low * coalesce(lf_nox_low_h, 0)
    ELSE nox * hours END) / 1e3 AS nox_kg,
  sum(fuel_g * sox) / 1e3 AS sox_kg,
  sum(kw * pm * CASE WHEN main THEN coalesce(lf_pm_h, 0) ELSE hours END) / 1e3 AS pm10_kg,
  {pm25} * pm10_kg AS pm25_kg,
  sum(kw * bc * CASE WHEN NOT main THEN hours WHEN residual THEN coalesce(lf_bc_residual_h, 0)
    ELSE coalesce(lf_bc_distillate_h, 0) END) / 1e3 AS bc_kg,
  sum(kw * co * CASE WHEN main THEN coalesce(lf_co_h, 0) ELSE hours END) / 1e3 AS co_kg,
  sum(kw * nmvoc * CASE WHEN main THEN coalesce(lf_hc_h, 0) ELSE hours END) / 1e3 AS nmvoc_kg
FROM fuels GROUP BY ALL
"""


def duckdb_job(
    source: Path | pl.DataFrame,
    ships: pl.DataFrame,
    *,
    memory: str = "4GB",
    spill: Path | None = None,
    threads: int = 2,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Run the SQL; return segments by key and emissions by key and system."""
    import duckdb

    con = duckdb.connect()
    con.execute(
        f"SET memory_limit='{memory}'; SET threads={threads}; SET TimeZone='UTC'; SET preserve_insertion_order=false"
    )
    if spill:
        con.execute(f"SET temp_directory='{spill}'")
    for name, table in tables(ships).items():
        con.register(f"{name}_given", table.to_arrow())
        con.execute(f"CREATE TABLE {name} AS FROM {name}_given")
    if isinstance(source, pl.DataFrame):
        con.register("given", source.to_arrow())
    name = "given" if isinstance(source, pl.DataFrame) else f"'{source}'"
    con.execute("CREATE TABLE segments AS " + SEGMENTS_SQL.format(source=name, **constants()))
    emissions = con.sql(EMISSIONS_SQL.format(pm25=value("pm25_of_pm10"))).to_arrow_table()
    found = con.sql("FROM segments").to_arrow_table()
    return words(pl.DataFrame(found)), pl.DataFrame(emissions)


def polars_job(source: pl.LazyFrame, ships: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Run the same as Polars expressions on the streaming engine; return what `duckdb_job` does."""
    small = tables(ships)
    found = _polars_segments(source, small, constants()).collect(engine="streaming")
    return words(found), _polars_emissions(found.lazy(), small).collect(engine="streaming")


def _polars_segments(source: pl.LazyFrame, small: Mapping[str, pl.DataFrame], k: Mapping[str, float]) -> pl.LazyFrame:
    c, rad = pl.col, radians(1.0)
    by_time = (
        source.select(
            "mmsi", t=c("time_utc").dt.epoch("s"), y="lat_deg", x="lon_deg", sog="sog_kn",
            draught=pl.when(c("draught_m") > 0).then("draught_m"),
            cell=(
                (c("lat_deg") * 100).floor() * 36_000 + (c("lon_deg") * 100).floor() + 9000 * 36_000 + 18_000
            ).cast(pl.Int32),
            tile=(c("lat_deg").floor() * 360 + c("lon_deg").floor() + 90 * 360 + 180).cast(pl.Int32),
        )
        .join(small["cells"].lazy(), on="cell", how="left", maintain_order="left")
        .join(small["tiles"].lazy(), on="tile", how="left", maintain_order="left")
        .with_columns(
            c("draught").forward_fill().over("mmsi"),
            *(c(n).shift(-1).over("mmsi").alias(f"{n}2") for n in ("t", "y", "x")),
        )
        .with_columns(
            dt=(c("t2") - c("t")).fill_null(0),
            way=2 * k["r"] * pl.min_horizontal(1.0, (
                ((c("y2") - c("y")) * rad / 2).sin() ** 2
                + (c("y") * rad).cos() * (c("y2") * rad).cos() * ((c("x2") - c("x")) * rad / 2).sin() ** 2
            ).sqrt()).arcsin(),
        )
        .with_columns(
            u=pl.when(c("sog").is_not_null()).then("sog")
            .when((c("dt") > 0) & (c("dt") <= k["hole_s"])).then(c("way") * 3600 / c("dt"))
        )
        .with_columns(
            at_ends=pl.min_horizontal(
                c("u").forward_fill().over("mmsi").fill_null(0.0), c("u").shift(-1).over("mmsi").fill_null(0.0)
            )
        )
        .with_columns(
            quality=pl.when(c("dt") <= k["hole_s"]).then(0).when(c("at_ends") >= k["under_way"]).then(3)
            .when(c("way") <= k["stay_nm"]).then(1)
            .when((c("way") <= k["shift_nm"]) & (c("way") * 3600 < k["rest"] * c("dt"))).then(2)
            .otherwise(3).cast(pl.Int8)
        )
        .with_columns(
            v=pl.when(c("quality").is_in([1, 2])).then(0.0).otherwise("u")
            .forward_fill().over("mmsi").fill_null(0.0)
        )
        .with_columns(
            stopped=pl.when(c("v") < k["on"]).then(1).when(c("v") >= k["off"]).then(0)
            .forward_fill().over("mmsi").fill_null(0).cast(pl.Int8),
            near=(
                pl.max_horizontal(c("south") - c("y"), c("y") - c("north"), 0.0) ** 2
                + (pl.max_horizontal(c("west") - c("x"), c("x") - c("east"), 0.0) * c("scale")) ** 2 <= k["near"] ** 2
            ).fill_null(value=False) & c("south").is_not_null(),
        )
        .with_columns(
            raw=pl.when((c("stopped") == 0) & c("kind").is_null())
            .then((c("near") & (c("v") < k["slow"])).cast(pl.Int32))
            .when(c("stopped") == 0).then(1)
            .when(c("kind").is_in(["berth", "terminal"])).then(3).otherwise(2).cast(pl.Int8)
        )
        .with_columns(run=pl.struct("mmsi", "raw").rle_id())
        .with_columns(
            run_s=(pl.coalesce("t2", "t").max() - c("t").min()).over("run"),
            first=c("run") == c("run").min().over("mmsi"),
        )
        .with_columns(mode=pl.when(c("first") | (c("run_s") >= k["run_s"])).then("raw").forward_fill().over("mmsi"))
        .filter((c("dt") > 0) & (c("quality") < 3) & ((c("quality") == 0) | (c("dt") <= k["hole_max_s"])))
        .with_columns(day=pl.int_ranges(c("t") // 86_400, (c("t2") - 1) // 86_400 + 1))
        .explode("day")
        .join(small["ships"].lazy(), on="mmsi")
    )  # fmt: skip
    return _polars_sums(by_time, k)


def _polars_sums(pieces: pl.LazyFrame, k: Mapping[str, float]) -> pl.LazyFrame:
    c = pl.col
    lf, w, g = c("lf"), c("w"), c("g")

    def low(name: str) -> pl.Expr:
        a, x, b = (k[f"{name}_{n}"] for n in "axb")
        return pl.when(lf <= k["low"]).then((a * lf**-x + b) / (a * k["low"] ** -x + b)).otherwise(1.0)

    def so2(load_factor: Any) -> Any:
        return k["so2_a"] * (k["c1"] / load_factor + k["c0"]) * c("s") + k["so2_b"]

    ratio = (c("draught") / c("draught_ref_m")).clip(k["t_low"], k["t_high"]) ** k["t_exp"]
    lf0 = ((c("v") / c("v_ref_kn")) ** 3 * c("factor") * ratio.fill_null(1.0)).clip(upper_bound=k["lf_max"])
    return (
        pieces.with_columns(
            hours=(pl.min_horizontal("t2", (c("day") + 1) * 86_400) - pl.max_horizontal("t", c("day") * 86_400)) / 3600,
            in_zone=c("in_zone").fill_null(value=False),
            lf=pl.when((c("mode") < 2) & (lf0 >= k["lf_off"])).then(lf0),
        )
        .with_columns(
            w=lf * c("hours"), g=k["a2"] * lf**2 + k["a1"] * lf + k["a0"],
            s=pl.when("in_zone").then(k["s_in"]).otherwise(k["s_out"]),
        )
        .group_by(
            "mmsi", "area_id", "mode", "in_zone", "day", "quality",
            mode_basis=pl.when(c("kind").is_null()).then(pl.lit("unknown")).otherwise(pl.lit("area")),
        )
        .agg(
            hours=c("hours").sum(),
            distance_nm=(pl.when(c("quality") == 1).then(0.0).otherwise("way") * c("hours") * 3600 / c("dt")).sum(),
            hours_derived=c("hours").filter((c("quality") > 0) | c("sog").is_null()).sum(),
            hours_no_draught=c("hours").filter(c("draught").is_null()).sum(),
            gap_max_h=c("dt").max() / 3600.0,
            lf_h=w.sum(), lf_sfc_h=(w * g).sum(), lf_sfc_high_h=(w * (g - 1)).filter(lf >= k["low"]).sum(),
            lf_nox_h=(w * low("nox")).filter(lf >= k["tier3"]).sum(),
            lf_nox_low_h=(w * low("nox")).filter(lf < k["tier3"]).sum(),
            lf_pm_h=(w * low("pm10")).sum(), lf_hc_h=(w * low("hc")).sum(), lf_co_h=(w * low("co")).sum(),
            lf_co2_h=(w * low("co2")).sum(),
            lf_so2_h=(w * pl.when(lf <= k["low"]).then(so2(lf) / so2(k["low"])).otherwise(1.0)).sum(),
            lf_bc_residual_h=(w * g * lf.clip(lower_bound=k["lf_bc"]) ** -c("bc_residual")).sum(),
            lf_bc_distillate_h=(w * g * lf.clip(lower_bound=k["lf_bc"]) ** -c("bc_distillate")).sum(),
        )
    )  # fmt: skip


def _polars_emissions(found: pl.LazyFrame, small: Mapping[str, pl.DataFrame]) -> pl.LazyFrame:
    c = pl.col
    named = found.with_columns(mode=c("mode").replace_strict(dict(enumerate(MODES)), return_dtype=pl.String))
    main = named.join(small["ships"].lazy().select("mmsi", kw="power_kw"), on="mmsi").with_columns(
        system=pl.lit("main")
    )
    other = named.join(small["power"].lazy(), on=["mmsi", "mode"])
    both = pl.concat([main, other], how="diagonal").join(small["factors"].lazy(), on=["mmsi", "in_zone", "system"])

    def part(factor: pl.Expr, load_sum: pl.Expr | str) -> pl.Expr:
        """Factor x power x the load sum of the main engine, or x hours of the others."""
        return factor * c("kw") * pl.when(c("system") == "main").then(load_sum).otherwise("hours")

    nox = (
        pl.when(c("system") == "main")
        .then(c("nox") * c("lf_nox_h") + c("nox_low") * c("lf_nox_low_h"))
        .otherwise(c("nox") * c("hours"))
    )
    black = pl.when("residual").then("lf_bc_residual_h").otherwise("lf_bc_distillate_h")
    fuel_g = part(c("sfc"), "lf_sfc_h")
    return both.group_by("mmsi", "area_id", "mode", "in_zone", "day", "quality", "system", "fuel").agg(
        hours=c("hours").sum(), energy_kwh=part(pl.lit(1.0), "lf_h").sum(), fuel_t=fuel_g.sum() / 1e6,
        co2_t=(fuel_g * c("co2")).sum() / 1e6, ch4_kg=part(c("ch4"), "lf_hc_h").sum() / 1e3,
        n2o_kg=part(c("n2o"), c("lf_nox_h") + c("lf_nox_low_h")).sum() / 1e3, nox_kg=(c("kw") * nox).sum() / 1e3,
        sox_kg=(fuel_g * c("sox")).sum() / 1e3, pm10_kg=part(c("pm"), "lf_pm_h").sum() / 1e3,
        pm25_kg=part(c("pm"), "lf_pm_h").sum() * value("pm25_of_pm10") / 1e3, bc_kg=part(c("bc"), black).sum() / 1e3,
        co_kg=part(c("co"), "lf_co_h").sum() / 1e3, nmvoc_kg=part(c("nmvoc"), "lf_hc_h").sum() / 1e3,
    )  # fmt: skip


def covered(segments: pl.DataFrame) -> pl.DataFrame:
    """Return the segments of a run that these queries have too: not those of made-up tracks through holes."""
    return segments.filter(pl.col("quality") != "bridged")


def words(found: pl.DataFrame) -> pl.DataFrame:
    """Return sums by key with the words of ``tables/segments.csv``, nulls as zero."""
    return found.select(
        pl.col("mmsi").cast(pl.Int64),
        "area_id",
        pl.col("mode").cast(pl.Int64).replace_strict(dict(enumerate(MODES)), return_dtype=pl.String),
        "mode_basis",
        "in_zone",
        date=pl.col("day").cast(pl.Int32).cast(pl.Date),
        quality=pl.col("quality").cast(pl.Int64).replace_strict(dict(enumerate(QUALITIES)), return_dtype=pl.String),
        gap_max_h="gap_max_h",
        **{name: pl.col(name).fill_null(0.0) for name in SUMS + STATISTICS},
    ).sort(KEYS)
