"""What can be wrong with bunker delivery notes; every check says all rows that it finds."""

from datetime import datetime

import polars as pl

from sisterport.errors import InputError, ReferenceDataError
from sisterport.fuels.names import fuel_row, named_fuel
from sisterport.fuels.properties import lcv_range
from sisterport.reference import resolve_locode, value
from sisterport.units import ROUNDING

_SHOWN = 3  # rows named in a fault


def row_faults(data: pl.DataFrame, *, now: datetime, earlier: pl.DataFrame | None = None) -> list[str]:
    """Return the faults of single notes and of pairs of equal notes.

    Parameters
    ----------
    data
        Frame of table ``bunkers``; what is null is not judged.
    now
        Time from which a delivery lies in the future.
    earlier
        Notes that were read before: one of them again is a fault.

    Examples
    --------
    >>> from datetime import UTC
    >>> from sisterport.tables import empty
    >>> row_faults(empty("bunkers"), now=datetime(2026, 1, 1, tzinfo=UTC))
    []
    """
    faults = _words(data)
    faults += _rows(data, pl.col("imo").is_null() & pl.col("mmsi").is_null(), "neither imo nor mmsi")
    faults += _rows(data, pl.col("mass_t") <= 0, "mass_t is not above 0", "mass_t")
    faults += _rows(data, pl.col("mass_t").is_infinite(), "mass_t is not finite")
    faults += _rows(data, pl.col("time_utc") > now, f"time_utc lies after {now:%Y-%m-%d %H:%M}", "time_utc")
    faults += _intensities(data)
    faults += _lcvs(data)
    faults += _twice(data)
    faults += _again(data, earlier)
    return faults


def _rows(data: pl.DataFrame, wrong: pl.Expr, words: str, show: str | None = None) -> list[str]:
    """Return one fault for all rows where `wrong` is true."""
    rows = data.with_row_index("nr").filter(wrong.fill_null(value=False))
    if rows.is_empty():
        return []
    named = [f"{r['nr']}" + (f" ({r[show]})" if show else "") for r in rows.head(_SHOWN).iter_rows(named=True)]
    more = f" and {rows.height - _SHOWN} more" if rows.height > _SHOWN else ""
    return [f"{words}: row {', '.join(named)}{more}"]


def _words(data: pl.DataFrame) -> list[str]:
    """Unknown fuels, classes and ports, each word once with its rows."""
    by_fault: dict[str, list[int]] = {}
    for nr, (word, fuel_class, locode) in enumerate(data.select("fuel", "fuel_class", "locode").iter_rows()):
        for fault in (_fuel_fault(word, fuel_class), _port_fault(locode)):
            if fault:
                by_fault.setdefault(fault, []).append(nr)
    return [
        f"{fault}: row {', '.join(map(str, rows[:_SHOWN]))}"
        + (f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else "")
        for fault, rows in by_fault.items()
    ]


def _fuel_fault(word: str | None, fuel_class: str | None) -> str:
    if word is None:
        return ""
    try:
        named = named_fuel(word)
    except InputError as error:
        return str(error)
    if fuel_class is None:
        return ""
    classes = fuel_row(named.fuel)["classes"].split("|")
    if fuel_class not in classes:
        return f"fuel_class '{fuel_class}' is none of '{word}', which can be: {', '.join(classes)}"
    if named.fuel_class and named.fuel_class != fuel_class:
        return f"'{word}' is {named.fuel_class}, but fuel_class says {fuel_class}"
    return ""


def _port_fault(locode: str | None) -> str:
    if locode is None:
        return ""
    try:
        resolve_locode(locode)
    except ReferenceDataError as error:
        return str(error)
    return ""


def _intensities(data: pl.DataFrame) -> list[str]:
    low, high = value("certified_wtw_min"), value("certified_wtw_max")
    certified = pl.col("wtw_g_per_mj")
    named = _certificate_key() != ""
    return [
        *_rows(
            data, ~certified.is_between(low, high), f"wtw_g_per_mj is outside {low:g} to {high:g} g/MJ", "wtw_g_per_mj"
        ),
        *_rows(data, certified.is_not_null() & ~named, "wtw_g_per_mj is given without a certificate_id"),
        *_rows(data, named & certified.is_null(), "certificate_id is given without a wtw_g_per_mj", "certificate_id"),
        *_rows(data, pl.col("certificate_mass_t") <= 0, "certificate_mass_t is not above 0", "certificate_mass_t"),
        *_rows(data, pl.col("certificate_mass_t").is_not_null() & ~named, "certificate_mass_t without certificate_id"),
    ]


def _lcvs(data: pl.DataFrame) -> list[str]:
    """Calorific values that no kind of the fuel has: another fuel, another unit, or a slip of the pen."""
    faults = []
    band = value("bunker_lcv_band")
    for word in data["fuel"].drop_nulls().unique().sort():
        try:
            known = lcv_range(word)
        except InputError:
            continue
        low, high = (known[0] * (1 - band), known[1] * (1 + band)) if known else (0.0, float("inf"))
        wrong = (pl.col("fuel") == word) & ~pl.col("lcv_mj_per_kg").is_between(low, high, closed="right")
        words = f"lcv_mj_per_kg does not fit '{word}' ({low:.1f} to {high:.1f} MJ/kg)"
        faults += _rows(data, wrong, words, "lcv_mj_per_kg")
        if known is None:
            missing = (pl.col("fuel") == word) & pl.col("lcv_mj_per_kg").is_null()
            faults += _rows(data, missing, f"no scheme knows the calorific value of '{word}': lcv_mj_per_kg is needed")
    return faults


def _twice(data: pl.DataFrame) -> list[str]:
    """Find notes that are there twice: the same number, or the same ship, time, fuel and mass."""
    numbered = pl.col("note_id").is_not_null() & pl.struct("note_id", "supplier").is_duplicated()
    same = ["imo", "mmsi", "locode", "time_utc", "fuel", "mass_t"]
    equal = pl.struct(*same).is_duplicated() & pl.col("note_id").is_null()
    return [
        *_rows(data, numbered, "note_id is there twice (same supplier)", "note_id"),
        *_rows(data, equal, "the same delivery is there twice (ship, port, time, fuel, mass; no note_id)"),
    ]


def _again(data: pl.DataFrame, earlier: pl.DataFrame | None) -> list[str]:
    """Find notes that were read before."""
    if earlier is None:
        return []
    known = earlier.filter(pl.col("note_id").is_not_null()).select(pl.struct("note_id", "supplier").alias("key"))
    again = pl.struct("note_id", "supplier").is_in(known["key"].implode()) & pl.col("note_id").is_not_null()
    return _rows(data, again, "note_id was read before (same supplier)", "note_id")


def _certificate_key() -> pl.Expr:
    """Return a certificate's id as it is compared: capitals and blanks do not make another certificate."""
    return pl.col("certificate_id").fill_null("").str.replace_all(r"\s", "").str.to_uppercase()


def certificate_use(bunkers: pl.DataFrame, earlier: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return how much of each certificate the notes take.

    Parameters
    ----------
    bunkers, earlier
        Frames of table ``bunkers``; earlier notes count, whichever scheme they name.

    Returns
    -------
    polars.DataFrame
        certificate (capitals, no blanks), schemes, notes, fuels, intensities (numbers of different values), mass_t,
        certificate_mass_t (largest given; null if none), masses (number of different values), over_t (mass beyond it).

    Examples
    --------
    >>> rows = {"certificate_id": ["pos 1", "POS1"], "mass_t": [60.0, 60.0], "certificate_mass_t": [100.0, None]}
    >>> from sisterport.tables import empty
    >>> use = certificate_use(pl.concat([empty("bunkers"), pl.DataFrame(rows)], how="diagonal"))
    >>> use.select("certificate", "mass_t", "over_t").row(0)
    ('POS1', 120.0, 20.0)
    """
    columns = ["certificate_id", "scheme", "fuel", "mass_t", "certificate_mass_t", "wtw_g_per_mj"]
    both = pl.concat([frame.select(columns) for frame in (earlier, bunkers) if frame is not None])
    codes = {word: _code_or_word(word) for word in both["fuel"].drop_nulls().unique()}
    return (
        both.with_columns(certificate=_certificate_key(), fuel=pl.col("fuel").replace(codes))
        .filter(pl.col("certificate") != "")
        .group_by("certificate", maintain_order=True)
        .agg(
            pl.col("scheme").drop_nulls().unique().sort().str.join(", ").alias("schemes"),
            pl.len().cast(pl.Int64).alias("notes"),
            pl.col("fuel").drop_nulls().n_unique().alias("fuels"),
            pl.col("wtw_g_per_mj").drop_nulls().n_unique().alias("intensities"),
            pl.col("mass_t").sum(),
            pl.col("certificate_mass_t").max(),
            pl.col("certificate_mass_t").drop_nulls().n_unique().alias("masses"),
        )
        .with_columns(over_t=(pl.col("mass_t") - pl.col("certificate_mass_t")).clip(lower_bound=0.0))
    )


def _code_or_word(word: str) -> str:
    try:
        return named_fuel(word).fuel
    except InputError:
        return word


def certificate_faults(bunkers: pl.DataFrame, earlier: pl.DataFrame | None = None) -> list[str]:
    """Return every certificate that is used for more than it covers.

    A certificate may be split over deliveries as long as they stay within ``certificate_mass_t``. Without that mass a
    second use cannot be told from a double one and is a fault.

    Parameters
    ----------
    bunkers, earlier
        Frames of table ``bunkers``.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> rows = {"certificate_id": ["A", "A"], "mass_t": [60.0, 60.0]}
    >>> certificate_faults(pl.concat([empty("bunkers"), pl.DataFrame(rows)], how="diagonal"))
    ["certificate 'A' is used by 2 notes and no certificate_mass_t says how much it covers"]
    """
    faults = []
    for use in certificate_use(bunkers, earlier).iter_rows(named=True):
        name, limit = use["certificate"], use["certificate_mass_t"]
        if limit is None and use["notes"] > 1:
            faults.append(
                f"certificate '{name}' is used by {use['notes']} notes and no certificate_mass_t "
                "says how much it covers"
            )
        if limit is not None and use["mass_t"] > limit * (1.0 + ROUNDING):
            faults.append(
                f"certificate '{name}' covers {limit:g} t, but {use['notes']} notes use {use['mass_t']:g} t of it"
            )
        for what, count in (("mass", use["masses"]), ("wtw_g_per_mj", use["intensities"]), ("fuel", use["fuels"])):
            if count > 1:
                faults.append(f"certificate '{name}' has {count} different values of {what}")
    return faults
