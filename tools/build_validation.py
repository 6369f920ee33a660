"""Write ``docs/validation.md``: our figures beside published ones, computed now. Takes the folder of shared test data."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from sisterport import emissions, load, particulars, read_register, sea_route, tables, wtw
from sisterport.engines import STATISTICS, load_coefficients, load_factor, load_functions, load_law, low_load_factor
from sisterport.engines.factors import law_factor
from sisterport.fleet import register_cells
from sisterport.fuels import tank_to_wake
from sisterport.inventory import epa

ROOT = Path(__file__).parents[1]
REGISTER = ROOT / "src/sisterport/demo/new_york/register.csv"
HOUR = ROOT / "src/sisterport/demo/new_york/positions_2020-06-30_hour.parquet"

INTRO = """# Validation: our figures beside published ones

Made by `tools/build_validation.py` and held against it by a test; good and bad results stand side by side.
Exactness against our own independent implementations is tested, not listed: the row kernel equals a plain statement of
its rules on made-up tracks and on every real file (1e-9), DuckDB SQL and Polars give the same sums, every place equals
a point-in-polygon test, a mixed fleet equals ship-by-ship runs.
"""


def markdown(headers: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(headers) + " |", "| " + " | ".join("---" for _ in headers) + " |"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def single_figures() -> str:
    """Compare single figures with their publications."""
    g = np.array([0.455 * x * x - 0.710 * x + 1.280 for x in np.linspace(0.01, 1.0, 991)])
    law, factor = load_law("ghg4"), 1.0 / (0.867 * 0.917)
    epa_service = load_factor(0.94, 1.15, 0.02, 1.0, 0.0)
    mixed = epa.propeller_power(np.array([1000.0, 1000.0]), np.array([12.0, 12.0]), np.array([12.0, 24.0]))
    lng = tank_to_wake(2.75, 0.0, 0.00011, slip_fraction=0.031, gwp_ch4=27.0, gwp_n2o=273.0)
    hfo = wtw("residual", "SSD", gwp="AR5").wtw_g_per_mj
    rows = [
        [
            "Lowest point of the consumption curve",
            "1.003 at 0.78 load",
            "GHG4 eq. 10",
            f"{g.min():.3f} at {0.01 + 0.001 * g.argmin():.2f}",
        ],
        [
            "Load at reference speed, full draught, open sea, GHG4",
            "1.258, capped at 1",
            "GHG4 eq. 8",
            f"{factor:.3f}, capped at {load_factor(1.0, factor, law.lf_min, law.lf_max, law.lf_off):g}",
        ],
        ["Load at service speed, EPA", "0.955", "EPA calcPropPwr", f"{epa_service:.3f}"],
        [
            "Mixed fleet of two ships, EPA propeller law [kW]",
            "955.2 and 955.2 (the tool's defect; right: 955.2 and 119.4)",
            "EPA calcPropPwr",
            f"{mixed[0]:.1f} and {mixed[1]:.1f}",
        ],
        [
            "LNG, medium-speed Otto, tank to wake, GWP 27/273 [g/g]",
            "3.5308",
            "SINTEF feems 0.18.1, Annex II formula",
            f"{lng:.4f}",
        ],
        [
            "Heavy fuel oil, well to wake, AR5 [g/MJ]",
            "91.6012",
            "worked from Regulation (EU) 2023/1805 Annex I and II",
            f"{hfo:.4f}",
        ],
    ]
    return markdown(["figure", "published", "source", "ours"], rows)


def low_load() -> str:
    """Compare the closed form of the low-load factors with the table of the Third IMO GHG Study."""
    closed = {r["pollutant"]: r for r in load("epa_ef_llaf_coefficients").iter_rows(named=True)}
    names = {"PM": "pm10", "NOx": "nox", "N2O": "nox", "CH4": "hc", "NMVOC": "hc", "CO": "co"}
    rows = []
    for (pollutant,), part in load("low_load_adjustment_ghg3").group_by("pollutant", maintain_order=True):
        c = closed[names[str(pollutant)]]
        ours = [low_load_factor(lf, c["a"], c["x"], c["b"], 0.2) for lf in part["load_factor"]]
        worst = max(abs(a / b - 1.0) for a, b in zip(ours, part["factor"], strict=True))
        rows.append([str(pollutant), str(part.height), f"{100 * worst:.2f} %"])
    return markdown(["pollutant", "loads", "largest difference"], rows)


def distances() -> str:
    """Compare sea distances with the figures in common use."""
    shanghai, new_york, elbe = (31.10, 121.95), (40.55, -74.03), (53.90, 8.70)
    los_angeles, singapore, gothenburg, rotterdam = (33.70, -118.25), (1.22, 103.75), (57.66, 11.75), (51.98, 3.95)
    pairs = [
        ("Shanghai-Los Angeles", shanghai, los_angeles, 5700, ()),
        ("Shanghai-Singapore", shanghai, singapore, 2240, ()),
        ("Shanghai-Hamburg (Elbe mouth)", shanghai, elbe, 10_900, ()),
        ("Gothenburg-Rotterdam", gothenburg, rotterdam, 480, ()),
        ("Shanghai-New York", shanghai, new_york, 10_580, ()),
        ("Singapore-Rotterdam", singapore, rotterdam, 8290, ()),
    ]
    rows = []
    for name, start, end, known, closed in pairs:
        route = sea_route(start, end, closed=("northwest", *closed))
        difference = f"{100 * (route.distance_nm / known - 1):+.1f} %"
        rows.append([name, f"{known:,}", f"{route.distance_nm:,.0f}", difference, ", ".join(route.passages) or "-"])
    return markdown(["pair", "in common use [nm]", "ours [nm]", "difference", "passages"], rows)


def mrv_frame(shared: Path) -> pl.DataFrame:
    """Return fuel per mile of the demo's ships: reported under EU-MRV for 2022, and ours at the same mean speed."""
    ships = _demo_ships()
    sheet = pl.read_excel(shared / "data/test-only/mrv/thetis_mrv_2022.xlsx", engine="calamine", has_header=False)[3:]
    wanted = {"imo": 0, "fuel_t": 21, "hours": 31, "kg_per_nm": 32}
    reported = sheet.select(
        pl.col(sheet.columns[i]).cast(pl.Float64, strict=False).alias(name) for name, i in wanted.items()
    ).with_columns(pl.col("imo").cast(pl.Int64))
    both = ships.join(reported, on="imo").filter(pl.col("kg_per_nm") > 0, pl.col("hours") > 0)
    both = both.with_columns(speed_kn=1000.0 * pl.col("fuel_t") / pl.col("kg_per_nm") / pl.col("hours"))
    hour = emissions(_one_hour(both), ships.filter(pl.col("mmsi").is_in(both["mmsi"].implode())))
    fuel = hour.group_by("segment_id").agg(pl.col("fuel_t").sum()).sort("segment_id")["fuel_t"]
    return both.with_columns(ours=1000.0 * fuel / pl.col("speed_kn")).sort("power_kw_source", "name")


def _demo_ships() -> pl.DataFrame:
    seen = pl.read_parquet(HOUR).filter(pl.col("imo") > 0)
    size = {"length_m": ("length", 5.0), "beam_m": ("width", 1.5)}
    broadcast = seen.group_by("imo").agg(
        pl.col("ship_type").max().cast(pl.Int64).alias("ais_type"),
        *(pl.col(old).filter(pl.col(old) > least).max().alias(new) for new, (old, least) in size.items()),
    )
    register = read_register(REGISTER)
    known = register.filter(pl.col("imo").is_not_null()).select("imo", "name").with_row_index("n")
    statics = known.select(
        "imo", "name", mmsi=200_000_000 + pl.col("n").cast(pl.Int64), identities=pl.lit(1), positions=pl.lit(1)
    ).join(broadcast, on="imo", how="left")
    return particulars(statics, register.drop("mmsi"), cells=register_cells(REGISTER))


def _one_hour(ships: pl.DataFrame) -> pl.DataFrame:
    """Return one hour at sea per ship at its mean speed and reference draught."""
    law = load_law("ghg4")
    sums = np.zeros((ships.height, len(STATISTICS)))
    for i, (speed, v_ref, factor) in enumerate(
        zip(ships["speed_kn"], ships["v_ref_kn"], law_factor(ships, law.name), strict=True)
    ):
        if v_ref:
            lf = load_factor(speed / v_ref, factor, law.lf_min, law.lf_max, law.lf_off)
            load_functions(lf, 1.0, True, 0.1, 0.4, 0.4, load_coefficients(), sums[i])
    noon = datetime(2022, 6, 1, 12, tzinfo=UTC)
    words = {"mode": "cruise", "mode_basis": "unknown", "quality": "seen", "in_domain": True, "date": date(2022, 6, 1)}
    fixed = words | {"start_utc": noon, "end_utc": noon, "hours": 1.0}
    zero = {n: 0 for n, c in tables.schema("segments").items() if c.required and n not in fixed}
    frame = ships.select("mmsi").with_columns(**{k: pl.lit(v) for k, v in (zero | fixed).items() if k != "mmsi"})
    columns = {name: pl.Series(sums[:, i]) for i, name in enumerate(STATISTICS)}
    return frame.drop("segment_id").with_row_index("segment_id").with_columns(**columns)


def real_fuel(shared: Path) -> str:
    """Compare fuel per mile with what the ships reported."""
    rows, ratios = [], []
    for ship in mrv_frame(shared).iter_rows(named=True):
        known = "estimated" if ship["ours"] is not None else "not estimated"
        ratio = ship["ours"] / ship["kg_per_nm"] if ship["ours"] else None
        ratios.append(
            (ship["power_kw_source"].startswith("register") and ship["v_ref_kn_source"].startswith("register"), ratio)
        )
        rows.append(
            [
                ship["name"].title(),
                ship["ship_class"],
                f"{ship['speed_kn']:.1f}",
                f"{ship['kg_per_nm']:.0f}",
                f"{ship['ours']:.0f}" if ratio else known,
                f"{100 * (ratio - 1):+.0f} %" if ratio else "",
                ship["power_kw_source"].split(":")[0],
                ship["v_ref_kn_source"].split(":")[0],
            ]
        )
    found = [r for _, r in ratios if r]
    registered = [r for known, r in ratios if known and r]
    headers = [
        "ship",
        "class",
        "mean speed [kn]",
        "reported [kg/nm]",
        "ours [kg/nm]",
        "difference",
        "power from",
        "speed from",
    ]
    text = markdown(headers, rows)
    summary = (
        f"\n\nMedian difference of the {len(found)} ships {100 * (np.median(found) - 1):+.0f} %, "
        f"median absolute difference {100 * np.median(np.abs(np.array(found) - 1)):.0f} %; of the {len(registered)} ships whose "
        f"power and speed are in the register {', '.join(f'{100 * (r - 1):+.1f} %' for r in registered)}."
    )
    return text + summary


SECTIONS: list[tuple[str, str, Callable[[Path], str]]] = [
    (
        "Real fuel: EU-MRV 2022",
        "Ships of the demo that reported to EU-MRV: yearly fuel over yearly distance, against the GHG4 method at the year's "
        "mean speed and reference draught, with the particulars that the demo has. Weak points: one mean speed hides that "
        "power grows with its cube (ours comes out low), draught is taken as full (high), the reports include fuel burnt "
        "in port (ours low), and 15 ships are no fleet. Class averages do what they are known to do: they miss single ships "
        "by a third.",
        real_fuel,
    ),
    ("Single figures", "", lambda _: single_figures()),
    (
        "Low-load factors",
        "The closed form of the EPA tool against the table of the Third IMO GHG Study (1 % steps), on which it is based.",
        lambda _: low_load(),
    ),
    (
        "Sea distances",
        "The figures in common use come without a primary source (unverified).",
        lambda _: distances(),
    ),
]

GOLDEN = """
## Golden cases of the US EPA Marine Emissions Tools

All rows of `tests/cases/epa_chain.csv` (18 whole chains, every output column), `epa_llaf.csv` (44), `epa_load_bsfc.csv` (4),
`epa_ef_main.csv` (42) and `epa_ef_nox.csv` (16) agree to 1e-9 relative, as single functions; the whole chains also through
segments and `emissions(method="epa")`, Tier III outside a control area with the option that reproduces the tool.
The cases for resistance models (`epa_power_*.csv`) wait for those models.
"""


def page(shared: Path) -> str:
    """Return the whole page."""
    parts = [INTRO]
    for title, text, table in SECTIONS:
        parts += [f"## {title}", "", *([text, ""] if text else []), table(shared), ""]
    return "\n".join(parts) + GOLDEN


if __name__ == "__main__":
    (ROOT / "docs/validation.md").write_text(page(Path(sys.argv[1])), encoding="utf-8")
