"""Write the fuel tables that are reshaped from larger files: ``build_fuel_tables.py FOLDER``.

FOLDER holds pathway_costs.csv, land_transport.csv, cargo_capacity_by_fuel.csv, conversion_costs.csv, vessel_classes.csv,
vessel_class_15000_teu_newer.csv, production_demand.csv, converters_tanks.csv, speed_power_container.csv, fuel_properties.csv.
Every value of pathway_costs.csv that is used is kept; countries become columns, so that source and names stand once per
pathway: 2,820 rows of 460 kB become 282 rows. Left out: the split of the cost into capital and operation, and USD per GJ
(cost over calorific value).
"""

import sys
from pathlib import Path

import polars as pl

DATA = Path(__file__).parents[1] / "src/sisterport/reference/data"
MIT = "mcsc-impact-climate/MIT_NavigaTE_inputs"
CODES = {"Australia": "AU", "Belgium": "BE", "Brazil": "BR", "Canada": "CA", "China": "CN", "France": "FR", "Germany": "DE", "India": "IN", "Japan": "JP", "Malaysia": "MY", "Netherlands": "NL", "Norway": "NO", "Singapore": "SG", "South Korea": "KR", "Spain": "ES", "Sweden": "SE", "Taiwan": "TW", "United Arab Emirates": "AE", "United Kingdom": "GB", "United States": "US"}  # fmt: skip
ENDS = {"Singapore": "SGSIN", "Rotterdam": "NLRTM"}
COLUMNS = sorted(CODES.values())


def wide(frame: pl.DataFrame, index: list[str], values: dict[str, str]) -> pl.DataFrame:
    """Return one row per index and quantity, one column per country."""
    coded = frame.with_columns(pl.col("region").replace_strict(CODES))
    parts = []
    for column, quantity in values.items():
        part = coded.pivot(on="region", index=index, values=column, sort_columns=True).with_columns(
            pl.lit(quantity).alias("quantity")
        )
        parts.append(part.select(*index, "quantity", *COLUMNS))
    return pl.concat(parts)


def pathways(folder: Path) -> pl.DataFrame:
    """Reshape the pathways."""
    index = [
        "fuel",
        "pathway",
        "pathway_type",
        "hydrogen_source",
        "carbon_source",
        "electricity_source",
        "year",
        "source",
        "status",
    ]
    frame = (
        pl.read_csv(folder / "pathway_costs.csv", infer_schema_length=None)
        .rename({"fuel_id": "fuel"})
        .with_columns(
            pl.col("hydrogen_source", "carbon_source", "electricity_source").replace("n/a", None),
            pl.col("source").str.replace("MIT_NavigaTE_inputs production/", "MIT_NavigaTE_inputs, "),
        )
    )
    values = {"lcof_usd_per_t": "cost_usd_per_t", "wtg_gco2e_per_mj": "wtg_g_per_mj"}
    table = wide(frame, index, values).sort("fuel", "pathway_type", "pathway", "quantity")
    names = [c for c in table.columns if c not in ("source", "status")]
    return table.select(*names, "source", "status")


def land_transport(folder: Path) -> pl.DataFrame:
    """Reshape the transport to the two corridor ends."""
    frame = (
        pl.read_csv(folder / "land_transport.csv")
        .rename({"fuel_id": "fuel"})
        .with_columns(
            pl.col("to_corridor_end").replace_strict(ENDS).alias("to_locode"),
            pl.col("source").str.replace(f"{MIT}, input_fuel_pathway_data/", "MIT_NavigaTE_inputs, "),
        )
    )
    index = ["fuel", "to_locode", "source", "status"]
    values = {"cost_usd_per_t": "cost_usd_per_t", "emissions_kgco2e_per_kg": "emissions_t_per_t"}
    return wide(frame, index, values).select("fuel", "to_locode", "quantity", *COLUMNS, "source", "status")


def cargo_loss(folder: Path) -> pl.DataFrame:
    """Put the fuels side by side; the nominal capacity left is capacity x (1 - share)."""
    frame = pl.read_csv(folder / "cargo_capacity_by_fuel.csv").with_columns(
        boiloff=pl.when(pl.col("assumption").str.contains("lost")).then(pl.lit("lost")).otherwise(pl.lit("kept")),
        fuel_id=pl.col("fuel_id").replace("lsfo", "vlsfo"),
    )
    index = ["vessel_class", "boiloff", "assumption", "source", "status"]
    table = frame.pivot(on="fuel_id", index=index, values="cargo_loss_share")
    fuels = [c for c in table.columns if c not in index]
    return table.select("vessel_class", "boiloff", "assumption", *fuels, "source", "status")


def vessel_classes(folder: Path) -> pl.DataFrame:
    """Append the newer values of the 15,000 TEU class as a class of its own."""
    old = pl.read_csv(folder / "vessel_classes.csv", infer_schema_length=None)
    items = pl.read_csv(folder / "vessel_class_15000_teu_newer.csv")
    newer = dict(items.select("item", "value").iter_rows())
    port_8000 = newer.pop("electric_load_port_mw_8000_teu")
    row = {
        "vessel_class": "container_15000_teu_newer",
        "nominal_capacity": 15000,
        "capacity_unit": "teu",
        **newer,
        "source": items["source"][0],
        "status": "secondary",
        "note": f"newer values, the others not given; the same source has {port_8000} MW in port for 8,000 TEU",
    }
    new = pl.DataFrame([{name: row.get(name) for name in old.columns}], schema=old.schema, strict=False)
    return pl.concat([old, new])


def production_demand(folder: Path) -> pl.DataFrame:
    """Mark the row that must not be used."""
    table = pl.read_csv(folder / "production_demand.csv", infer_schema_length=None)
    defect = (pl.col("process") == "NH3") & (pl.col("item") == "h2_demand")
    usable = pl.when(defect).then(pl.lit("no: defect")).otherwise(pl.lit("yes"))
    return table.select("process", "item", "value", "unit", usable.alias("usable"), "source", "status", "note")


def properties(folder: Path) -> pl.DataFrame:
    """Keep what was measured; energy density and volume factor are worked out when asked for."""
    table = pl.read_csv(folder / "fuel_properties.csv").rename({"fuel_id": "fuel"})
    table = table.with_columns(
        pl.col("fuel").replace("lsfo", "vlsfo"), pl.lit("greet").alias("scheme"), pl.lit(None, pl.String).alias("note")
    )
    table = table.drop("label", "energy_density_mj_per_l", "volume_factor_vs_lsfo")
    limits = [
        ("residual", 0.991, "ISO 8217: most for RMG and RMK grades at 15 deg C, from memory", "a limit, not a mean"),
        ("lfo", 0.960, "ISO 8217: most for RMB at 15 deg C, from memory", "a limit, not a mean"),
        ("distillate", 0.890, "ISO 8217: most for DMA at 15 deg C, from memory", "a limit, not a mean"),
    ]
    rows = pl.DataFrame(
        [
            {"fuel": f, "density_kg_per_l": d, "source": s, "status": "unverified", "scheme": "iso8217", "note": n}
            for f, d, s, n in limits
        ]
    )
    both = pl.concat([table, rows], how="diagonal")
    return both.select(
        "fuel", "scheme", pl.exclude("fuel", "scheme", "source", "status", "note"), "source", "status", "note"
    )


def main(folder: Path) -> None:
    """Write every table."""
    tables = {
        "fuel_pathways": pathways(folder),
        "fuel_land_transport": land_transport(folder),
        "fuel_regions": pl.DataFrame(
            {"region": list(CODES.values()), "name": list(CODES), "source": "ISO 3166-1", "status": "checked"}
        ).sort("region"),
        "fuel_properties": properties(folder),
        "cargo_loss_by_fuel": cargo_loss(folder),
        "vessel_classes": vessel_classes(folder),
        "production_demand": production_demand(folder),
        "conversion_costs": pl.read_csv(folder / "conversion_costs.csv"),
        "converters_tanks": pl.read_csv(folder / "converters_tanks.csv"),
        "speed_power_container": pl.read_csv(folder / "speed_power_container.csv"),
    }
    for name, table in tables.items():
        table.write_csv(DATA / f"{name}.csv")
        print(f"{name}: {table.height} rows, {(DATA / f'{name}.csv').stat().st_size / 1e3:.1f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
