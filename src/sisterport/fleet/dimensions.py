"""What a ship is: class, group, dimensions, size, size bin and reference draught."""

import polars as pl

from sisterport.fleet.chain import Step, first_known, plausible
from sisterport.fleet.classes import ais_class, ais_group, size_bin, size_unit
from sisterport.fleet.fitted import fitted_value
from sisterport.fleet.formulas import dwt_from_dimensions, gt_from_dwt, teu_from_dwt
from sisterport.reference import load, value

_DRAUGHT = pl.col("draught_m")


def with_class(ships: pl.DataFrame) -> pl.DataFrame:
    """Add ship_class: register, else AIS type; of a ship of which nothing is known it is ``unknown``."""
    known = pl.col("ais_type").is_not_null() & (ais_class() != "unknown")
    steps: list[Step] = [
        (pl.col("reg_ship_class"), pl.col("how_ship_class")),
        (pl.when(known).then(ais_class()), "AIS type"),
        (pl.lit("unknown"), "unknown"),
    ]
    return ships.with_columns(first_known("ship_class", steps)).with_columns(size_unit=size_unit())


def with_size(ships: pl.DataFrame) -> pl.DataFrame:
    """Add length_m, beam_m, size, size_bin and the columns gt, dwt_t, teu.

    Chain of the size, in the unit of the class: register; register value of another unit through a published
    formula; gross tonnage through the fitted deadweight; dimensions through k Cb L B T; unknown.
    The columns gt, dwt_t, teu hold what the register says, and the estimate in the one that is the class's own unit.
    """
    ships = ships.with_columns(
        length_m=pl.coalesce("reg_length_m", "length_m"),
        beam_m=pl.coalesce("reg_beam_m", "beam_m"),
        from_register=pl.col("reg_length_m").is_not_null() & pl.col("reg_beam_m").is_not_null(),
    )
    ships = ships.with_columns(dwt_dimensions=_dwt_from_dimensions())
    kind = pl.col("ship_class")
    whose = pl.when("from_register").then(pl.lit("register")).otherwise(pl.lit("broadcast")) + pl.lit(" dimensions: ")
    dwt, dwt_how, dims = pl.col("reg_dwt_t"), pl.col("how_dwt_t"), pl.col("dwt_dimensions")
    of_gt, gt_how = plausible(fitted_value("deadweight", kind, pl.col("reg_gt")), "dwt_t"), pl.col("how_gt")
    chains: dict[str, list[Step]] = {
        "dwt_t": [
            (of_gt, gt_how + pl.lit(": deadweight from GT")),
            (dims, whose + pl.lit("dwt = k Cb L B T")),
        ],
        "teu": [
            (plausible(teu_from_dwt(dwt), "teu"), dwt_how + pl.lit(": TEU from deadweight")),
            (plausible(teu_from_dwt(of_gt), "teu"), gt_how + pl.lit(": TEU from GT")),
            (plausible(teu_from_dwt(dims), "teu"), whose + pl.lit("TEU from dwt = k Cb L B T")),
        ],
        "gt": [
            (plausible(gt_from_dwt(kind, dwt), "gt"), dwt_how + pl.lit(": GT from deadweight")),
            (plausible(gt_from_dwt(kind, dims), "gt"), whose + pl.lit("GT from dwt = k Cb L B T")),
        ],
        "cargo_m3": [],
    }
    steps: list[Step] = []
    for unit, rest in chains.items():
        of_unit = pl.col("size_unit") == unit
        for number, label in [(pl.col(f"reg_{unit}"), pl.col(f"how_{unit}")), *rest]:
            steps.append((pl.when(of_unit).then(number), label))
    ships = ships.with_columns(first_known("size", steps))
    own = {u: pl.when(pl.col("size_unit") == u).then("size") for u in ("gt", "dwt_t", "teu")}
    return ships.with_columns(
        *(pl.coalesce(f"reg_{unit}", expression).alias(unit) for unit, expression in own.items()),
        size_bin=size_bin(),
    ).drop("from_register", "dwt_dimensions")


def with_group(ships: pl.DataFrame) -> pl.DataFrame:
    """Add group: of the class and bin where a register gives the class, else of the AIS type."""
    table = load("class_defaults").select("ship_class", "size_bin", class_group="group")
    ships = ships.join(table, on=["ship_class", "size_bin"], how="left", nulls_equal=True, maintain_order="left")
    by_class = pl.col("ship_class_source").str.starts_with("register")
    return ships.with_columns(
        group=pl.when(by_class).then(pl.col("class_group").fill_null("unknown")).otherwise(ais_group())
    ).drop("class_group")


def with_draught(ships: pl.DataFrame) -> pl.DataFrame:
    """Add draught_ref_m: register, class average, beam / 3.25, class average over all sizes, unknown.

    A broadcast draught is a lower bound: where it is larger than an estimate it takes its place.
    """
    beam_rule = f"beam: B / {value('beam_over_draught'):g}"
    steps: list[Step] = [
        (pl.col("reg_draught_ref_m"), pl.col("how_draught_ref_m")),
        (pl.col("avg_draught_m"), pl.lit("class average") + pl.col("avg_short")),
        (plausible(_beam_draught(), "draught_ref_m"), beam_rule),
        (pl.col("all_draught_m"), "class average over all sizes"),
    ]
    ships = ships.with_columns(first_known("draught_ref_m", steps))
    larger = pl.col("reg_draught_ref_m").is_null() & (_believed_draught() > pl.col("draught_ref_m"))
    return ships.with_columns(
        draught_ref_m=pl.when(larger).then(_DRAUGHT).otherwise("draught_ref_m"),
        draught_ref_m_source=pl.when(larger)
        .then(pl.lit("largest broadcast draught"))
        .otherwise("draught_ref_m_source"),
    )


def _beam_draught() -> pl.Expr:
    # A product: Polars divides one row and many rows by different means, which may differ in the last bit.
    return pl.col("beam_m") * (1 / value("beam_over_draught"))


def _believed_draught() -> pl.Expr:
    """Return the largest broadcast draught where the beam makes it possible."""
    possible = (_DRAUGHT > 0) & (pl.col("beam_m") / _DRAUGHT >= value("beam_over_draught_min"))
    return pl.when(possible).then(_DRAUGHT)


def _dwt_from_dimensions() -> pl.Expr:
    """Return deadweight from length, beam, draught (register, else the larger of beam / 3.25 and AIS)."""
    length, beam = pl.col("length_m"), pl.col("beam_m")
    slim = (length / beam).is_between(value("length_over_beam_min"), value("length_over_beam_max"))
    draught = pl.coalesce("reg_draught_ref_m", pl.max_horizontal(_beam_draught(), _believed_draught()))
    return plausible(pl.when(slim).then(dwt_from_dimensions(pl.col("ship_class"), length, beam, draught)), "dwt_t")
