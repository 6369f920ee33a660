"""The border of the emissions step: options, faults, and what holds for every method."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sisterport import tables
from sisterport.errors import InputError, MethodError, SchemaError
from sisterport.inventory import METHODS, emissions, method, zone_rules
from sisterport.inventory.zones import rules_at

from .frames import NA, segment, segments, ship, ships

ROWS = segments(segment(0, [(0.5, 1.0)]), segment(1, mode="berth", hours=5.0))


@pytest.mark.parametrize("name", ["ghg4", "epa"])
def test_result_fits_its_table(name: str) -> None:
    found = emissions(ROWS, ships(ship()), method=name, zones=NA)
    assert_frame_equal(tables.check(found, "emissions"), found)
    assert found.select("segment_id", "system").rows() == [
        (i, system) for i in (0, 1) for system in ("main", "auxiliary_engine", "boiler")
    ]
    assert emissions(ROWS.clear(), ships(ship()), method=name, zones=NA).columns == found.columns


@pytest.mark.parametrize("name", ["ghg4", "epa"])
def test_order_and_company_do_not_matter(name: str) -> None:
    fleet = ships(
        ship(),
        ship(366000002, engine_type="MSD", ship_class="oil_tanker", size_bin=7, dwt_t=150e3, keel_year=2012),
    )
    rows = segments(
        segment(0, [(0.5, 1.0)]),
        segment(1, [(0.3, 2.0)], mmsi=366000002),
        segment(2, mode="berth", hours=3.0),
    )
    together = emissions(rows, fleet, method=name, zones=NA)
    alone = pl.concat([emissions(rows[i : i + 1], fleet, method=name, zones=NA) for i in (2, 0, 1)])
    assert_frame_equal(together, alone.sort("segment_id", maintain_order=True), rel_tol=1e-14)


def test_table_of_auxiliary_loads_is_a_choice() -> None:
    fleet = ships(ship(ship_class="oil_tanker", size=150e3, size_bin=7, dwt_t=150e3))
    rows = segments(segment(0, mode="berth", hours=1.0))

    def kwh(name: str, table: str | None) -> list[float]:
        return emissions(rows, fleet, method=name, aux_table=table, zones=NA)["energy_kwh"].to_list()[1:]

    assert kwh("ghg4", None) == [2500.0, 6500.0]
    assert kwh("epa", None) == [1250.0, 2500.0] == kwh("ghg4", "ghg3")
    assert kwh("epa", "ghg4") == [2500.0, 6500.0]


def test_a_year_can_be_asked_for() -> None:
    leap = segments(segment(0, [(0.5, 1.0)], start_utc=datetime(2024, 2, 29, tzinfo=UTC)))
    as_2019 = emissions(leap, ships(ship()), year=2019, zones=NA)
    assert as_2019["fuel"].to_list() == ["residual"] * 3
    assert emissions(leap, ships(ship()), zones=NA)["fuel"].to_list() == ["vlsfo"] * 3


def test_warming_potentials_are_a_choice() -> None:
    fleet = ships(ship(engine_type="LPDF_4S", fuel="lng"))
    ar4, ar5 = (emissions(ROWS, fleet, gwp=name, zones=NA) for name in ("AR4", "AR5"))
    ch4, n2o = ar4["ch4_kg"].sum(), ar4["n2o_kg"].sum()
    assert (ar5["co2e_ttw_t"].sum() - ar4["co2e_ttw_t"].sum()) * 1e3 == pytest.approx(3 * ch4 - 33 * n2o)
    with pytest.raises(MethodError, match="AR5"):
        emissions(ROWS, fleet, gwp="AR7", zones=NA)


def test_faults_are_named() -> None:
    fleet = ships(ship())
    with pytest.raises(MethodError, match="did you mean 'ghg4'"):
        emissions(ROWS, fleet, method="ghg3")
    with pytest.raises(InputError, match="366000001 stands more than once in the ships"):
        emissions(ROWS, pl.concat([fleet, fleet]))
    with pytest.raises(InputError, match="segment_id 0 stands more than once"):
        emissions(pl.concat([ROWS, ROWS]), fleet)
    with pytest.raises(InputError, match="did you mean 'north_america'"):
        emissions(ROWS.with_columns(zone_id=pl.lit("north_amerika")), fleet)
    with pytest.raises(SchemaError, match="lf_h"):
        emissions(ROWS.drop("lf_h"), fleet)


def test_options_of_the_other_method_are_refused() -> None:
    with pytest.raises(MethodError, match="load_based_bsfc"):
        emissions(ROWS, ships(ship()), method="ghg4", load_based_bsfc=True)
    with pytest.raises(MethodError, match="slip_low_load"):
        emissions(ROWS, ships(ship()), method="epa", slip_low_load=True)


def test_zone_rules_of_the_reference_data() -> None:
    rules = zone_rules()
    assert not rules.is_empty()
    places = pl.DataFrame(
        {
            "zone_id": ["north_america"] * 4,
            "date": [date(2012, 7, 31), date(2014, 1, 1), date(2015, 1, 1), date(2016, 1, 1)],
        }
    )
    held = rules_at(places, rules)
    assert held["sulphur_pct_max"].to_list() == [None, 1.0, 0.1, 0.1]
    assert held["nox_tier3_from"].is_null().to_list() == [True, True, True, False]


def test_every_method_says_what_it_is_for() -> None:
    for name, entry in METHODS.items():
        assert method(name) is entry
        assert entry.name == name
        assert "harbour craft" in entry.fitness
        assert entry.references
    assert "harbour craft: no" in method("epa").fitness
