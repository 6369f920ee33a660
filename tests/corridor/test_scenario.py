"""A scenario file: the examples are whole, and everything that is wrong in a file is said at once, with its line."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from sisterport.corridor.examples import EXAMPLES, example, example_path, write_new
from sisterport.corridor.itinerary import timetable
from sisterport.corridor.scenario import at_year
from sisterport.corridor.scenario_part import Part
from sisterport.corridor.scenario_read import read_scenario
from sisterport.errors import InputError, ProjectError
from sisterport.tables.section import key_lines
from sisterport.voyages import sea_route


def changed(folder: Path, *changes: tuple[str, str], name: str = "new") -> Path:
    """Write an example with some text replaced."""
    text = example_path(name).read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path = folder / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(ProjectError) as caught:
        read_scenario(path)
    return caught.value.faults


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_whole_and_say_what_is_guessed(name: str) -> None:
    scenario = example(name)
    assert scenario.representative
    assert ("service " + scenario.services[0].id, "teu_per_year") in scenario.guesses
    for service in scenario.services:
        assert set(service.ports) & set(scenario.ends[0])
        assert set(service.ports) & set(scenario.ends[1])
        speeds = [timetable(service, ships=n, closed=scenario.closed).speed_kn for n in service.ships_options]
        assert speeds == sorted(speeds, reverse=True)
        assert all(10 < speed < 21 for speed in speeds)


@pytest.mark.parametrize("name", [*EXAMPLES, "new"])
def test_every_number_without_a_source_is_marked(name: str) -> None:
    """What no table and no document gives is a guess, and the file says so."""
    data = tomllib.loads(example_path(name).read_text(encoding="utf-8"))
    invented = {"build_years", "berth_h", "buffer_h", "teu_per_year", "bunker_musd", "shore_power_musd", "price_growth",
                "shore_power_share", "electricity_usd_per_kwh", "t_per_year", "cut", "green_price", "discount_rate",
                "sea_margin", "tank_reserve"}  # fmt: skip
    for table in data.values():
        for row in table if isinstance(table, list) else [table]:
            unmarked = invented & set(row) - set(row.get("guess", []))
            assert not unmarked, (unmarked, row)


def test_new_file_explains_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, set[str]] = {}
    plain = Part.finish

    def finish(part: Part) -> None:
        asked.setdefault(part.name.split()[0], set()).update(part.used)
        plain(part)

    monkeypatch.setattr(Part, "finish", finish)
    read_scenario(example_path("shanghai-los-angeles"))
    read_scenario(example_path("new"))
    text = example_path("new").read_text(encoding="utf-8")
    for keys in asked.values():
        for key in keys - {"source", "guess"}:
            assert re.search(rf"^(# )?{key} = ", text, re.MULTILINE), key
    everything = re.sub(r"^# (?=\w+ = |\[)", "", text, flags=re.MULTILINE)
    with_all = set(tomllib.loads(re.sub(r"^(imo|ship_musd|folder|file) = .*\n", "", everything, flags=re.MULTILINE)))
    assert with_all >= {"future", "transfer", "budget", "register", "shore_power"}


def test_distances_are_those_of_the_sea_route_solver() -> None:
    service = example("shanghai-los-angeles").services[0]
    legs = timetable(service).distance_nm
    assert legs[1] == pytest.approx(sea_route(service.ports[1], service.ports[2]).distance_nm)
    assert len(legs) == len(service.ports)


def test_hours_of_a_round_trip_add_up() -> None:
    for service in example("shanghai-hamburg").services:
        plan = timetable(service)
        hours = sum(plan.sea_h) + sum(plan.berth_h) + plan.buffer_h
        assert hours / 24 == pytest.approx(service.ships * service.days_between)


def test_all_faults_at_once_with_line_and_remedy(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ('id = "my-corridor"', 'idd = "my-corridor"'),
        ("first_year = 2026", "first_year = 26"),
        ('vessel_class = "container_15000_teu"', 'vessel_class = "container_15000"'),
        ('fuel = "methanol"', 'fuel = "methanoll"'),
        ('ends = [["CNSGH"], ["USLAX"]]', 'ends = [["CNSGHH"], ["USLAX"]]'),
        ("[targets]", "[target]"),
        ('certificate = "planned: RFNBO scheme"\n', ""),
        ('"price_growth", "certificate"', '"price_growth"'),
    )
    found = faults(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    text = "\n".join(found)
    for words in ("id is missing", "unknown key 'idd' (did you mean 'id'?)", "26 is no year",
                  "'container_15000' is none of", "did you mean 'container_15000_teu'", "did you mean 'methanol'",
                  "unknown port code 'CNSGHH'", "unknown section [target] (did you mean 'targets'?)",
                  "certificate is missing"):  # fmt: skip
        assert words in text, words
    assert len(found) == 9
    fault = next(fault for fault in found if "container_15000'" in fault)
    assert 'vessel_class = "container_15000"' in lines[int(re.match(r"line (\d+)", fault)[1]) - 1]  # type: ignore[index]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("teu_per_year = 700000 ", "teu_per_year = 900000 ", "carry 782,143"),
        ("ships_options = [5, 6, 7]", "ships_options = [2, 6]", "2 ships in 14 days"),
        ("ships_options = [5, 6, 7]", "ships_options = [5, 7]", "should hold the 6 ships of today"),
        ("2018, 2020]", "2018]", "one year for each of the 6 ships, names 5"),
        ("2018, 2020]", "2018, 2031]", "2031 is after 2026"),
        ('burns = "vlsfo"', 'burns = "hfo"', "'hfo' is no [[fuel]]"),
        ("everywhere = true", "everywhere = false", "is what ships burn today: set everywhere = true"),
        ('port = "CNSGH"', 'port = "KRPUS"', "neither bunkers methanol nor can it be opened"),
        ('made_in = "CN"', 'made_in = "IS"', "no pathways are known for 'IS'"),
        ('fuel = "e-methanol"\nport', 'fuel = "e-methanl"\nport', "did you mean 'e-methanol'"),
        ('pathway_type = "electro_renew"', 'pathway_type = "electro_renewed"', "did you mean 'electro_renew'"),
        ('locode = "KRPUS"', 'locode = "JPYOK"', 'KRPUS has no [[port]]: add one with locode = "KRPUS"'),
        ("cut = { 2030 = 0.1, 2040", "cut = { 2030 = 0.1, 2051", "2051 is outside the horizon"),
        ("cut = { 2030 = 0.1,", "cut = { 2030 = 10,", "from 0 to 1, is 10"),
        ('kind = "hard"', 'kind = "priced"', "usd_per_t is missing"),
        ("year = 2030\nships = 1 ", "year = 2030\nships = 7 ", "= 7, there are 6"),
        ('boundary = "string"', 'boundary = "cargo"', 'is needed with boundary = "cargo"'),
        ('class = "fossil"', 'class = "bio"', "'bio' is none of fossil"),
        ("at_berth = true", "netzero = true", "the draft sets no targets for 2036 to 2050"),
        ("at_berth = true", "netzero = true", "the draft sets no prices from 2031 on"),
        ('burns = "vlsfo"', 'burns = "e-methanol"', "ships of today are taken as oil ships"),
        ('fuel = "vlsfo" ', 'fuel = "bio_cfp" ', "'fossil' is none of bio"),
        ("certified_wtw_g_per_mj = 18.4", "certified_wtw_g_per_mj = -250", "should be from -200 to 500, is -250"),
        ("berth_h = [30, 20, 84]", "berth_h = [30, 20]", "one number or 3 of them, has 2"),
        ('guess = ["sea_margin", "tank_reserve"]', 'guess = ["sea_margn"]', "marks 'sea_margn'"),
        ('[[port]]\nlocode = "KRPUS"', '[[port]]\nlocode = "CNSGH"', "is there 2 times"),
        ('ends = [["CNSGH"], ["USLAX"]]', 'ends = ["CNSGH", "USLAX"]', "should be two lists of ports"),
        ('ends = [["CNSGH"], ["USLAX"]]', 'ends = [["CNSGH"], ["USOAK"]]', "no service calls at both ends"),
        ("usd_per_gj = 14 ", 'usd_per_gj = 14\npathway_type = "grey" # ', "only one of them"),
        ("t_per_year = { 2028", "t_per_year = { twenty = 3, 2028", "'twenty' is no year"),
        ('"KRPUS", "USLAX"] #', '"KRANJ", "USLAX"] #', "no position of KRANJ"),
    ],
)  # fmt: skip
def test_one_fault(tmp_path: Path, old: str, new: str, words: str) -> None:
    found = faults(changed(tmp_path, (old, new)))
    assert any(words in fault for fault in found), found


def test_what_is_no_file_or_no_toml(tmp_path: Path) -> None:
    assert "sisterport corridor new" in faults(tmp_path / "none.toml")[0]
    broken = tmp_path / "broken.toml"
    broken.write_text("[corridor", encoding="utf-8")
    assert "not a TOML file" in faults(broken)[0]


def test_ships_of_a_register_bring_capacity_and_age(tmp_path: Path) -> None:
    register = "imo,ship_class,teu,build_year\n9321483,container,15500,2007\n9074729,container,14500,2011\n"
    (tmp_path / "ships.csv").write_text(register, encoding="utf-8")
    path = changed(
        tmp_path,
        ("# [register]", "[register]"),
        ("# file = ", "file = "),
        ("# imo = [9074729]", "imo = [9321483, 9074729]"),
        ("build_years = [2010, 2012, 2014, 2016, 2018, 2020]", ""),
        ("ships = 6 ", "ships = 2 #"),
        ("days_between_departures = 7", "days_between_departures = 21"),
        ("ships_options = [5, 6, 7]", "ships_options = [2]"),
        ("teu_per_year = 700000", "teu_per_year = 200000"),
        ('guess = ["ships", "build_years", ', 'guess = ["ships", '),
    )
    service = read_scenario(path).services[0]
    assert service.capacity_teu == 15000
    assert service.build_years == (2007, 2011)
    assert service.capacity_source == "mean of 2 ships of the register"


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    path = write_new(tmp_path / "mine.toml")
    assert read_scenario(path).id == "my-corridor"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="nothing was overwritten"):
        write_new(path)
    assert path.read_text(encoding="utf-8") == "mine"


def test_steps_hold_until_the_next() -> None:
    steps = {2027: 5.0, 2030: 9.0}
    assert [at_year(steps, year) for year in (2026, 2027, 2029, 2030, 2050)] == [0, 5, 5, 9, 9]


def test_lines_of_keys() -> None:
    text = example_path("new").read_text(encoding="utf-8")
    rows = text.splitlines()
    for (table, _), keys in key_lines(text).items():
        assert table in rows[keys[""] - 1]
        for key, line in keys.items():
            assert key in rows[line - 1]


def dumped(value: object) -> str:
    """Write a value as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {dumped(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(dumped, value)) + "]"
    return json.dumps(value)


def written(data: dict, path: Path) -> Path:
    lines = []
    for name, tables in data.items():
        for table in tables if isinstance(tables, list) else [tables]:
            lines.append(f"[[{name}]]" if isinstance(tables, list) else f"[{name}]")
            lines += [f"{key} = {dumped(value)}" for key, value in table.items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


STRANGE = ["", "nonsense", -1, 0, 0.5, 1e9, True, [], ["nonsense"], [-1], [[]], {}, {"nonsense": 1}, {"2030": -1}]


@pytest.mark.parametrize("name", ["new", "shanghai-hamburg"])
def test_a_strange_value_anywhere_is_a_fault_and_never_a_crash(name: str, tmp_path: Path) -> None:
    data = tomllib.loads(example_path(name).read_text(encoding="utf-8"))
    path = written(data, tmp_path / "plain.toml")
    refused = []
    for table, rows in data.items():
        for row in rows[:2] if isinstance(rows, list) else [rows]:
            for key, own in list(row.items()):
                for strange in STRANGE:
                    row[key] = strange
                    try:
                        read_scenario(written(data, path))
                    except ProjectError as error:
                        refused.append((table, key, error.faults))
                row[key] = own
    assert len(refused) > 500
    for table, key, found in refused:
        assert any(key in fault or table in fault for fault in found), (table, key, found)
