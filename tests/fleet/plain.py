"""The chain of particulars for one ship, in plain Python, written from the facts and not from the package."""

import csv
import math
from importlib.resources import files
from typing import Any

DATA = files("sisterport.reference") / "data"
TANKERS = ("oil_tanker", "chemical_tanker", "other_liquids_tanker")
K_CB = {
    **dict.fromkeys([*TANKERS, "bulk_carrier"], 0.83 * 0.80),
    **dict.fromkeys(["general_cargo", "container"], 0.70 * 0.75),
    "refrigerated_bulk": 0.70 * 0.61,
    "ferry_ropax": 0.35 * 0.60,
}


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / f"{name}.csv").read_text(encoding="utf-8").splitlines()))


BINS: dict[str, list[dict[str, str]]] = {}
OCEAN_GOING = {r["ship_class"]: r["group"] == "ocean_going" for r in table("class_defaults") if not r["size_bin"]}
for _row in table("ship_class_averages"):
    BINS.setdefault(_row["ship_class"], []).append(_row)
AIS = {int(r["code"]): r["ship_class"] for r in table("ais_ship_types")}


def teu(dwt: float) -> float:
    if dwt <= 35_000:
        return float((dwt / 15.19) ** (1 / 0.9814))
    if dwt <= 60_000:
        return float((dwt / 28.81) ** (1 / 0.902))
    return float((dwt / 37) ** (1 / 0.875))


FITTED = {(r["quantity"], r["ship_class"]): r for r in table("fitted_particulars")}


def fitted(quantity: str, kind: str, gt: float | None, year: int | None = None) -> float | None:
    """Return exp(a) (GT/GT_ref)^b exp(c (year - year_ref)/10), up to half more than the sizes of the fit."""
    row = {k: float(v) if v and k not in WORDS else v for k, v in FITTED.get((quantity, kind), {}).items()}
    if not row or gt is None or (row["gt_min"] and not row["gt_min"] / 1.5 <= gt <= row["gt_max"] * 1.5):
        return None
    when = row["year_ref"] if year is None else min(row["year_max"], max(row["year_min"], year))
    grown = math.exp(row["a"]) * (gt / row["gt_ref"]) ** row["b_gt"]
    return float(grown * math.exp(row["c_decade"] * (when - row["year_ref"]) / 10))


WORDS = {"quantity", "ship_class", "form", "unit", "source", "status", "note"}


def dwt_of_teu(number: float) -> float:
    """Return the smallest deadweight that has this capacity."""
    for a, b, limit in ((15.19, 0.9814, 35_000), (28.81, 0.902, 60_000), (37, 0.875, math.inf)):
        dwt = a * number**b
        if dwt <= limit:
            return float(dwt)
    raise AssertionError


def fitted_gt(kind: str, reg: dict[str, Any], size: float | None) -> float | None:
    if reg.get("gt") is not None:
        return float(reg["gt"])
    dwt = reg.get("dwt_t") or (dwt_of_teu(size) if size and kind == "container" else size)
    row = FITTED.get(("deadweight", kind))
    if row is None or dwt is None:
        return None
    return float(row["gt_ref"]) * math.exp((math.log(dwt) - float(row["a"])) / float(row["b_gt"]))


def driven(kind: str, reg: dict[str, Any], size: float | None) -> tuple[float | None, float | None]:
    """Return power and speed by the fitted regressions, each with the other one of the register."""
    gt, year = fitted_gt(kind, reg, size), reg.get("build_year")
    k, e = fitted("power_per_v3", kind, gt, year), fitted("power_per_v", kind, gt, year)
    if k is None or e is None:
        return None, None
    known = reg.get("v_max_kn") or (reg["v_service_kn"] / 0.94 if reg.get("v_service_kn") else None)
    power = k * known**3 if known else e * math.sqrt(e / k)
    speed = (reg["power_kw"] / k) ** (1 / 3) if reg.get("power_kw") else math.sqrt(e / k)
    return (power if power <= 120_000 else None), (speed if 1 <= speed <= 60 else None)


def ship(static: dict[str, Any], reg: dict[str, Any]) -> dict[str, Any]:
    """Return class, size, bin, draught, power and reference speed of one ship."""
    kind = reg.get("ship_class") or AIS.get(static["ais_type"], "unknown")
    length, beam, seen = static["length_m"], static["beam_m"], static["draught_m"]
    bins = BINS.get(kind, [])
    believed = seen if beam and seen and beam / seen >= 2.25 else None
    size = _size(kind, reg, length, beam, believed)
    unit = bins[0]["bin_unit"] if bins else None
    if unit is None:
        size = None
    number = next(
        (
            b
            for b in bins
            if len(bins) == 1
            or (size is not None and float(b["size_min"]) <= size < float(b["size_max_excl"] or "inf"))
        ),
        None,
    )
    mixed = kind in ("yacht", "service_other", "miscellaneous_fishing")
    use = bins if not mixed or (length is not None and length >= 24) else []
    rows = [number] if number and use else (use if number is None and OCEAN_GOING.get(kind) else [])

    def mean(column: str) -> float | None:
        values = [
            _speed(r) if column == "v" else float(r[column]) for r in rows if r[column if column != "v" else "v_ref_kn"]
        ]
        return sum(values) / len(values) if values else None

    draught = reg.get("draught_ref_m")
    if draught is None:
        in_bin = mean("draught_m") if number else None
        draught = in_bin or (beam / 3.25 if beam and beam / 3.25 >= 0.5 else None) or mean("draught_m")
        if draught and believed and believed > draught:
            draught = believed
    service = reg.get("v_service_kn") or (reg["v_max_kn"] * 0.94 if reg.get("v_max_kn") else None)
    design = service or (mean("v") * 0.94 if number and mean("v") else None)  # type: ignore[operator]
    by_fit, speed_by_fit = driven(kind, reg, size)
    power = reg.get("power_kw") if reg.get("power_kw") is not None else by_fit
    if power is None and unit == "dwt_t" and size is not None and design:
        if kind in TANKERS:
            power = 2.66 * size**0.6 * design**0.6
        elif kind == "bulk_carrier":
            power = 4.297 * size**0.6 * design**0.4
    return {
        "ship_class": kind,
        "size": size,
        "size_bin": int(number["size_bin"]) if number else None,
        "draught_ref_m": draught,
        "power_kw": power if power is not None else mean("power_kw"),
        "v_ref_kn": reg.get("v_max_kn")
        or (reg["v_service_kn"] / 0.94 if reg.get("v_service_kn") else speed_by_fit or mean("v")),
    }


def _speed(row: dict[str, str]) -> float:
    return float(row["v_ref_kn"]) / (0.94 if row["v_ref_meaning"] == "design speed" else 1.0)


def _size(kind: str, reg: dict[str, Any], length: Any, beam: Any, believed: Any) -> float | None:
    bins = BINS.get(kind)
    if not bins:
        return None
    unit = bins[0]["bin_unit"]
    if reg.get(unit) is not None:
        return float(reg[unit])
    dims = None
    of_gt = fitted("deadweight", kind, reg.get("gt"))
    of_gt = of_gt if of_gt and of_gt <= 600_000 else None
    if kind in K_CB and length and beam and 2 <= length / beam <= 8:
        draught = reg.get("draught_ref_m") or max(beam / 3.25, believed or 0)
        dims = K_CB[kind] * length * beam * draught
    if unit == "dwt_t":
        return of_gt or dims
    for dwt in (reg.get("dwt_t"), of_gt, dims):
        if dwt is None:
            continue
        got = teu(dwt) if unit == "teu" else 1.7803 * dwt if kind == "ferry_ropax" else None
        if got is not None and got <= (30_000 if unit == "teu" else 300_000):
            return got
    return None
