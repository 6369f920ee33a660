"""What a plant leaves for one of its outlets while the others draw: least and most apparent power."""

import polars as pl

from sisterport.shorepower.kernel import BIG
from sisterport.shorepower.kleene import FALSE, TRUE
from sisterport.tables import schema


def with_plants(outlets: pl.DataFrame) -> pl.DataFrame:
    """Add ``power_low, power_high`` of the outlet and ``plant_low, plant_high`` that its plant leaves for it [MVA].

    Parameters
    ----------
    outlets
        Rows of outlets with ``present`` in three-valued logic.

    Returns
    -------
    DataFrame
        The plant's power less what its other outlets in service draw: their power times the simultaneity. A plant that
        no row names sets no limit.
    """
    limit = schema("outlets")

    def bound(name: str, otherwise: str, of: str | None = None) -> pl.Expr:
        return pl.coalesce(*([of] if of else []), name).fill_null(getattr(limit[name], otherwise))

    rows = outlets.with_columns(
        bound("power_mva", "minimum").alias("power_low"),
        bound("power_mva", "maximum", "power_mva_high").alias("power_high"),
        pl.coalesce("plant_id", pl.concat_str(pl.lit("outlet "), "outlet_id")).alias("_plant"),
    )
    of_outlet = rows.group_by("_plant", "outlet_id").agg(
        pl.col("power_low").min(),
        pl.col("power_high").max(),
        pl.col("outlets_n").max().cast(pl.Float64),
        pl.col("present").max(),
        pl.col("plant_power_mva").max(),
    )
    least, most = pl.col("outlets_n").fill_null(1.0), pl.col("outlets_n").fill_null(limit["outlets_n"].maximum)
    drawn = of_outlet.with_columns(
        pl.when(pl.col("present") == TRUE).then(pl.col("power_low")).otherwise(0.0).alias("_one_low"),
        pl.when(pl.col("present") == FALSE).then(0.0).otherwise(pl.col("power_high")).alias("_one_high"),
        least.clip(lower_bound=1.0).alias("_n_low"),
        most.clip(lower_bound=1.0).alias("_n_high"),
    ).with_columns(
        ((pl.col("_one_low") * pl.col("_n_low")).sum().over("_plant") - pl.col("_one_low")).alias("_others_low"),
        ((pl.col("_one_high") * pl.col("_n_high")).sum().over("_plant") - pl.col("_one_high")).alias("_others_high"),
        pl.col("plant_power_mva").max().over("_plant").alias("_plant_mva"),
    )
    found = rows.join(
        drawn.select("outlet_id", "_plant", "_others_low", "_others_high", "_plant_mva"),
        on=["outlet_id", "_plant"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    unlimited = pl.col("plant_id").is_null() & pl.col("_plant_mva").is_null()
    at_once_low = pl.when(pl.col("_others_low") > 0).then(bound("simultaneity", "minimum") * pl.col("_others_low"))
    at_once_high = pl.when(pl.col("_others_high") > 0).then(bound("simultaneity", "maximum") * pl.col("_others_high"))
    power = pl.col("_plant_mva")
    return found.with_columns(
        pl.when(unlimited)
        .then(BIG)
        .otherwise(
            (power.fill_null(limit["plant_power_mva"].minimum) - at_once_high.fill_null(0.0)).clip(lower_bound=0.0)
        )
        .alias("plant_low"),
        pl.when(unlimited)
        .then(BIG)
        .otherwise(
            (power.fill_null(limit["plant_power_mva"].maximum) - at_once_low.fill_null(0.0)).clip(lower_bound=0.0)
        )
        .alias("plant_high"),
    ).drop("^_.*$")
