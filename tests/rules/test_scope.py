"""Scope of FuelEU and ETS: by the ports of call at the ends, per leg and never per round trip."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, ReferenceDataError
from sisterport.reference import load, ports
from sisterport.rules.scope import scope_share, scope_shares

EU = {"DEHAM", "NLRTM", "SEGOT", "GRPIR", "PLGDN", "HRRJK"}
THIRD = {"CNSGH", "SGSIN", "USLAX", "GBFXT", "TRIST", "GIGIB"}


@pytest.mark.parametrize("regulation", ["fueleu", "ets"])
@given(start=st.sampled_from(sorted(EU | THIRD)), end=st.sampled_from(sorted(EU | THIRD)))
def test_full_inside_half_across_nothing_outside(regulation, start, end):
    share = scope_share(start, end, 2027, regulation).share
    assert share == ((start in EU) + (end in EU)) / 2
    assert share == scope_share(end, start, 2027, regulation).share


@pytest.mark.parametrize("regulation", ["fueleu", "ets"])
def test_a_berth_counts_by_its_own_port(regulation):
    assert scope_share("DEHAM", "berth", 2026, regulation).share == 1
    assert scope_share("SGSIN", "berth", 2026, regulation).share == 0


def test_country_codes_and_spellings_are_ports_too():
    assert scope_share("SG", "DE", 2026, "fueleu").share == 0.5
    assert scope_share("de ham", "SE", 2026, "ets").share == 1


@pytest.mark.parametrize(
    ("regulation", "year", "row"), [("fueleu", 2024, "fueleu_rules"), ("ets", 2023, "eu_ets_maritime")]
)
def test_years_before_the_regulation_are_refused(regulation, year, row):
    with pytest.raises(ReferenceDataError, match=f"{row} has no row .* for {year}"):
        scope_share("DEHAM", "NLRTM", year, regulation)


def test_unknown_country_and_regulation_are_refused_and_unknown_port_is_open():
    with pytest.raises(ReferenceDataError, match="no country 'QQ'"):
        scope_share("QQABC", "DEHAM", 2026, "ets")
    with pytest.raises(MethodError, match="did you mean 'fueleu'"):
        scope_share("DEHAM", "NLRTM", 2026, "fuelu")
    assert scope_share(None, "DEHAM", 2026, "ets").share is None


def test_outermost_regions_count_half_under_fueleu():
    for port in ("ESLPA", "PTPDL", "PTFNC", "RERUN", "GFDDC", "MQFDF"):
        assert scope_share("FRLEH", port, 2026, "fueleu").share == 0.5
        assert scope_share(port, "CNSGH", 2026, "fueleu").share == 0.5
        assert scope_share(port, "berth", 2026, "fueleu").share == 1
        assert scope_share("FRLEH", port, 2026, "ets").share == 1
    assert scope_share("ESALG", "ESVLC", 2026, "fueleu").share == 1


def test_ets_exemption_of_outermost_regions_is_an_unverified_option():
    exempt = scope_share("ESALG", "ESLPA", 2026, "ets", outermost_derogation=True)
    assert (exempt.share, exempt.status) == (0, "unverified")
    assert scope_share("FRLEH", "RERUN", 2026, "ets", outermost_derogation=True).share == 0
    assert scope_share("PTLIS", "ESLPA", 2026, "ets", outermost_derogation=True).share == 1
    assert scope_share("ESALG", "ESLPA", 2031, "ets", outermost_derogation=True).share == 1


def test_norway_is_not_yet_in_fueleu_but_in_ets():
    assert scope_share("NOOSL", "DEHAM", 2026, "ets").share == 1
    half = scope_share("NOOSL", "DEHAM", 2026, "fueleu")
    assert (half.share, half.status) == (0.5, "secondary")
    assert scope_share("NOOSL", "NOBGO", 2026, "fueleu").share == 0
    assert scope_share("NOOSL", "DEHAM", 2026, "fueleu", efta="member").share == 1
    assert scope_share("NOOSL", "DEHAM", 2026, "ets", efta="third").share == 0.5


def test_territories_outside_the_union():
    for port in ("FOTHO", "GLGOH", "SJLYR", "GIGIB", "JESTH", "NCNOU", "CWWIL"):
        assert scope_share("DEHAM", port, 2026, "ets").share == 0.5


def test_27_members_and_three_of_efta():
    now = load("eea_countries").filter(eea="yes").filter(pl.col("valid_to").is_null())
    assert len(set(now.filter(eu="yes")["member_state"])) == 27
    assert set(now.filter(eu="no")["country"]) == {"NO", "IS", "LI"}


def test_every_port_of_the_table_has_a_country():
    for country in ports()["country"].unique():
        scope_share(country, "berth", 2026, "ets")


def _legs(*stops, ship_class="container", year=2026, imo=9074729):
    """Return the legs and stays of a ship along its stops."""
    rows = []
    for number, stop in enumerate(stops):
        if number:
            rows.append((stops[number - 1], stop))
        rows.append((stop, "berth"))
    start = datetime(year, 1, 1, tzinfo=UTC)
    return pl.DataFrame(
        {
            "imo": [imo] * len(rows),
            "ship_class": [ship_class] * len(rows),
            "from_locode": [a for a, _ in rows],
            "to_locode": [b for _, b in rows],
            "departure_utc": [start + timedelta(days=n) for n in range(len(rows))],
            "year": [year] * len(rows),
        }
    )


@pytest.mark.parametrize("regulation", ["fueleu", "ets"])
def test_a_transhipment_stop_does_not_break_the_voyage(regulation):
    shares = scope_shares(_legs("SGSIN", "MAPTM", "ESALG"), regulation=regulation)
    assert shares["scope_share"].to_list() == [0, 0.5, 0.5, 0.5, 1]
    assert shares["scope_quality"].to_list()[1:4] == ["through a transhipment port"] * 3
    assert shares["scope_from"].to_list()[1:4] == ["SGSIN"] * 3
    ignored = scope_shares(_legs("SGSIN", "MAPTM", "ESALG"), regulation=regulation, transhipment="ignore")
    assert ignored["scope_share"].to_list() == [0, 0, 0, 0.5, 1]


def test_two_transhipment_stops_and_back_to_the_same_sea():
    shares = scope_shares(_legs("NLRTM", "MAPTM", "EGPSE", "GRPIR"), regulation="ets")
    assert shares["scope_share"].to_list() == [1, 1, 1, 1, 1, 1, 1]


def test_other_ships_and_other_ports_are_not_looked_through():
    assert scope_shares(_legs("SGSIN", "MAPTM", "ESALG", ship_class="bulk_carrier"), regulation="ets")[
        "scope_share"
    ].to_list() == [0, 0, 0, 0.5, 1]
    assert scope_shares(_legs("SGSIN", "MATNG", "ESALG"), regulation="ets")["scope_share"].to_list()[2] == 0


def test_a_track_that_ends_in_a_transhipment_port_is_counted_as_given_and_says_so():
    shares = scope_shares(_legs("SGSIN", "MAPTM"), regulation="ets")
    assert shares["scope_share"].to_list() == [0, 0, 0]
    assert shares["scope_quality"].to_list()[1].startswith("transhipment port; the port of call beyond")


def test_ships_are_not_mixed_and_rows_keep_their_order():
    one, other = _legs("SGSIN", "MAPTM"), _legs("ESALG", "NLRTM", imo=9241061)
    mixed = pl.concat([one, other]).sample(fraction=1, shuffle=True, seed=3)
    shares = scope_shares(mixed, regulation="ets")
    assert shares.select(mixed.columns).equals(mixed)
    assert sorted(shares["scope_share"]) == [0, 0, 0, 1, 1, 1]


def test_needed_columns_are_named():
    with pytest.raises(InputError, match="ship_class, departure_utc"):
        scope_shares(pl.DataFrame({"from_locode": ["A"], "to_locode": ["B"], "year": [2026]}), regulation="ets")
    with pytest.raises(MethodError, match="ship_id, imo or mmsi"):
        scope_shares(_legs("SGSIN", "MAPTM").drop("imo"), regulation="ets")


@given(st.lists(st.sampled_from(sorted(EU | THIRD)), min_size=2, max_size=8, unique=True))
def test_energy_in_scope_is_additive_over_legs(stops):
    legs = _legs(*stops)
    together = scope_shares(legs, regulation="fueleu")["scope_share"].sum()
    assert together == sum(
        scope_share(a, b, 2026, "fueleu").share for a, b in legs.select("from_locode", "to_locode").rows()
    )
