"""Made-up registers that are right, for round trips."""

from datetime import date

import polars as pl
from hypothesis import strategies as st

from sisterport.shorepower.registers import read_inlets, read_outlets
from sisterport.shorepower.words import words

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=8
).filter(lambda t: t.strip() == t and t.casefold() not in {"unknown", "n/a", "?"})  # read as null by design
DAY = st.dates(date(2000, 1, 1), date(2040, 1, 1))


def maybe(value):
    return st.none() | value


def _number(low, high):
    return st.floats(low, high, allow_nan=False, allow_subnormal=False)


@st.composite
def outlets(draw):
    """A register of outlets as `read_outlets` gives it, with passports and a column of the port's own."""
    rows = []
    for number in range(draw(st.integers(1, 4))):
        lat, lon = draw(st.tuples(_number(-90, 90), _number(-180, 180)) | st.just((None, None)))
        low = draw(maybe(_number(0.1, 20)))
        own = {
            "outlet_id": f"o{number}",
            "berth_id": draw(TEXT),
            "locode": draw(st.sampled_from(["DEKEL", "CNSGH", "CNSHA", "SEGOT"])),
            "terminal": draw(maybe(TEXT)),
            "outlets_n": draw(maybe(st.integers(0, 200))),
            "profile": draw(st.sampled_from([None, "HVSC-CRUISE", "HVSC-RORO|NG3-PLUG"])),
            "cable_provider": draw(maybe(st.sampled_from(list(words("cable_provider"))))),
            "plant_power_mva": draw(maybe(_number(0, 500))),
            "plant_power_mva_source": draw(maybe(TEXT)),
            "plant_power_mva_seen_on": draw(maybe(DAY)),
            "berth_length_m": draw(maybe(_number(1, 1000))),
            "lat_deg": lat,
            "lon_deg": lon,
            "contact": draw(maybe(TEXT)),
        }
        pairs = draw(
            st.lists(
                st.tuples(maybe(st.sampled_from([6.6, 10.0, 11.0])), maybe(st.sampled_from([50.0, 60.0]))),
                min_size=1, max_size=4, unique=True,
            )
        )  # fmt: skip
        for kv, hz in pairs:
            pair = None if kv is None or hz is None else draw(st.sampled_from(["exists", "possible"]))
            rows.append(
                own
                | {
                    "state": draw(st.sampled_from(list(words("state")))),
                    "since": draw(maybe(DAY)),
                    "voltage_kv": kv,
                    "voltage_kv_status": draw(maybe(st.sampled_from(["checked", "unverified"]))),
                    "frequency_hz": hz,
                    "pair": pair,
                    "power_mva": low,
                    "power_mva_high": None if low is None else draw(maybe(_number(low, 100))),
                    "note": draw(maybe(TEXT)),
                    "source": draw(TEXT),
                    "status": draw(st.sampled_from(list(words("status")))),
                }
            )
    return read_outlets(pl.DataFrame(rows, infer_schema_length=None))


@st.composite
def inlets(draw):
    """A register of inlets as `read_inlets` gives it."""
    rows = []
    for number in range(draw(st.integers(1, 4))):
        own = {
            "inlet_id": f"i{number}",
            "imo": draw(maybe(st.just(9074729))),
            "mmsi": draw(st.integers(200_000_000, 799_999_999)),
            "name": draw(maybe(TEXT)),
            "ship_class": draw(maybe(st.just("container"))),
            "has_inlet": draw(st.sampled_from([None, True])),
            "peak_mw": draw(maybe(_number(0, 60))),
            "cable_on_board": draw(maybe(st.booleans())),
            "transformer_kv": draw(st.sampled_from([None, "none", "6.6|11"])),
            "peak_mw_source": draw(maybe(TEXT)),
            "peak_mw_seen_on": draw(maybe(DAY)),
        }
        rows += [
            own
            | {"voltage_kv": kv, "plugs_n": draw(maybe(st.integers(0, 20))), "source": draw(TEXT), "status": "checked"}
            for kv in draw(st.lists(st.sampled_from([0.44, 6.6, 11.0]), min_size=1, max_size=3, unique=True))
        ]
    return read_inlets(pl.DataFrame(rows, infer_schema_length=None))
