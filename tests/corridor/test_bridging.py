"""A recorded track with its middle removed: what bridging makes of it, against what the ship really did."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sisterport.ais import clean, read_positions
from sisterport.corridor.baseline_ais import baseline_ais
from sisterport.fleet import particulars, read_register
from sisterport.inventory import emissions
from sisterport.tables import check
from sisterport.voyages import build_zones, mode_rules, read_areas, segments
from sisterport.voyages.holes import great_circle_nm

DEMO = Path(str(files("sisterport.demo"))) / "new_york"
WINDOW_H, CUT_H = 2.0, (0.3, 1.7)


def runs(positions: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Two hours each of ships under way, seen all the time, on a way at most a ninth longer than the line."""
    for _, track in positions.sort("mmsi", "time_utc").group_by("mmsi", maintain_order=True):
        t = track["time_utc"].dt.epoch("s").to_numpy()
        lat, lon = track["lat_deg"].to_numpy(), track["lon_deg"].to_numpy()
        along = np.r_[0.0, np.cumsum(great_circle_nm(lat[:-1], lon[:-1], lat[1:], lon[1:]))]
        i = 0
        while (j := int(np.searchsorted(t, t[i] + WINDOW_H * 3600))) < len(t):
            quarters = np.interp(np.linspace(t[i], t[j], int(4 * WINDOW_H) + 1), t, along)
            knots = 4 * np.diff(quarters)
            line = float(great_circle_nm(lat[i], lon[i], lat[j], lon[j]))
            steady = knots.min() > 4 and np.ptp(knots) < 0.6 * knots.mean() and np.diff(t[i : j + 1]).max() < 900
            if steady and line > 0.9 * (along[j] - along[i]):
                yield track[i : j + 1]
                i = j
            else:
                i += max(1, (j - i) // 10)


@pytest.fixture(scope="module")
def tracks() -> tuple[list[pl.DataFrame], pl.DataFrame]:
    positions, statics, _ = read_positions([DEMO / "positions_2020-12-01_07.parquet"])
    ships = particulars(statics, read_register(DEMO / "register.csv"))
    known = ships.drop_nulls(["power_kw", "v_ref_kn"])["mmsi"].implode()
    return list(runs(clean(positions)[0].filter(pl.col("mmsi").is_in(known)))), ships


def without_middle(track: pl.DataFrame) -> pl.DataFrame:
    hours = (track["time_utc"] - track["time_utc"][0]).dt.total_seconds() / 3600
    return track.filter((hours <= CUT_H[0]) | (hours >= CUT_H[1]))


def test_bridged_middle_of_recorded_tracks(tracks: tuple[list[pl.DataFrame], pl.DataFrame]) -> None:
    """The line is shorter than the way, and one speed costs less than many: bridging errs low, and by how much."""
    found, ships = tracks
    zones = build_zones(read_areas(DEMO / "areas.geojson"), near_nm=mode_rules("sisterport").near_nm)

    def account(track: pl.DataFrame) -> tuple[float, float, pl.DataFrame]:
        parts, _ = segments(track, ships, zones)
        emitted = emissions(parts, ships, method="ghg4")
        return parts["distance_nm"].sum(), emitted["co2e_ttw_t"].sum(), parts

    errors = []
    for track in found:
        nm, co2e, _ = account(track)
        cut_nm, cut_co2e, parts = account(without_middle(track))
        bridged = parts.filter(quality="bridged")
        assert bridged["hours"].sum() == pytest.approx(CUT_H[1] - CUT_H[0], abs=0.15)
        assert parts["hours"].sum() == pytest.approx(WINDOW_H, abs=0.1)
        errors.append((cut_nm / nm - 1, cut_co2e / co2e - 1))
    assert len(errors) >= 5
    distance, emitted = np.array(errors).T
    assert -0.08 < distance.min() <= distance.max() < 0.0
    assert -0.20 < emitted.min() <= emitted.max() < 0.0
    assert np.median(distance) > -0.07
    assert np.median(emitted) > -0.15


def test_a_bridged_leg_reaches_the_baseline(tracks: tuple[list[pl.DataFrame], pl.DataFrame]) -> None:
    """The same track as a leg between two ports: its bridged hours stand in the corridor's baseline."""
    found, ships = tracks
    zones = build_zones(read_areas(DEMO / "areas.geojson"), near_nm=mode_rules("sisterport").near_nm)
    parts, _ = segments(without_middle(found[0]), ships, zones)
    mmsi, start, end = parts["mmsi"][0], parts["start_utc"].min(), parts["end_utc"].max()
    leg = {"leg_id": "x", "mmsi": mmsi, "from_locode": "USNYC", "to_locode": "USBOS", "departure_utc": start,
           "arrival_utc": end, "hours": parts["hours"].sum(), "distance_nm": parts["distance_nm"].sum(),
           "hours_bridged": parts.filter(quality="bridged")["hours"].sum()}  # fmt: skip
    from sisterport.tables import empty

    rows = baseline_ais(
        segments=parts, emissions=emissions(parts, ships, method="ghg4"), ships=ships, calls=empty("calls"),
        legs=check(pl.DataFrame([leg]), "legs"), ends=(["USNYC"], ["USBOS"]), boundary="direct", days=365.0,
    ).rows  # fmt: skip
    assert rows["place"].to_list() == ["USNYC-USBOS"]
    assert rows["hours_bridged_per_year"].item() == pytest.approx(leg["hours_bridged"])
    assert rows["co2e_ttw_t_per_year"].item() > 0
