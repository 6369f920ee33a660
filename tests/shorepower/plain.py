"""The matcher once more: row by row, in plain Python, without arrays, tables of codes or compiled code.

Three-valued answers are True, False and None. A number that may be unknown is a pair (least, most).
"""

import math
from collections import defaultdict
from datetime import date, timedelta
from itertools import product
from typing import Any

from sisterport.reference import load, value
from sisterport.tables import schema
from tests.shorepower.plain_logic import (
    at_most,
    both,
    either,
    equal,
    least,
    minus,
    most,
    near,
    plus,
    possible_sides,
    span,
    words,
)
from tests.shorepower.plain_rows import exists, order, selected

Row = dict[str, Any]
INLET_ONLY = (
    "kind", "profile", "voltage_kv", "pair", "transformer_kv", "transformer_mva", "connector", "plugs_n",
    "plug_current_a", "pilots_n", "neutral", "cable_on_board", "cable_length_m", "side", "inlet_from_stern_m",
    "height_min_m", "height_max_m", "comms_level", "standard_edition", "certificate",
)  # fmt: skip
OUTLET_ONLY = (
    "kind", "profile", "voltage_kv", "pair", "power_mva", "power_mva_high", "plant_id", "plant_power_mva",
    "simultaneity", "connector", "sockets_n", "socket_current_a", "pilots_n", "neutral", "neutral_resistor_ohm",
    "cable_provider", "side", "position_from_m", "position_to_m", "reach_m", "height_min_m", "height_max_m",
    "short_circuit_ka", "comms_level", "standard_edition",
)  # fmt: skip


class Register:
    """Both registers, ready to ask about one pair."""

    def __init__(self, inlets: list[Row], outlets: list[Row], *, on: date, costs: list[Row], demand: str = "largest"):
        self.on, self.demand = on, demand
        self.kinds = dict(load("connector_profiles").select("profile_id", "kind").iter_rows())
        self.ship_brings = {
            c
            for side, classes in load("connector_profiles").select("cable_management_side", "ship_classes").iter_rows()
            if side == "ship"
            for c in words(classes) - {"any"}
        }
        self.side_of = self._sides(costs)
        self.ships, self.berths = defaultdict(list), defaultdict(list)
        for row in sorted(map(self._outlet, outlets), key=lambda r: order(r, "outlet_id")):
            self.berths[row["berth_id"]].append(row)
        self.every_outlet = [row for rows in self.berths.values() for row in rows]
        for row in sorted(map(self._inlet, inlets), key=lambda r: order(r, "inlet_id")):
            name = f"imo:{row['imo']}" if row["imo"] is not None else f"mmsi:{row['mmsi']}"
            self.ships[name].append(row)

    @staticmethod
    def _sides(costs):
        """Return on which sides the cheapest fixes of each check are."""
        least = {}
        for row in costs:
            least[row["check_no"]] = min(row["cost_mid"], least.get(row["check_no"], math.inf))
        return {n: {r["side"] for r in costs if r["check_no"] == n and r["cost_mid"] == c} for n, c in least.items()}

    def _inlet(self, row):
        row = dict(row)
        has = row["has_inlet"]
        telling = {"frequency_hz", *INLET_ONLY} - {"transformer_kv", "transformer_mva"}
        if has is None and any(row[c] is not None for c in telling):
            has = True
        row["has"] = has
        row["hz"] = row["frequency_hz"] if row["frequency_hz"] is not None else row["bus_frequency_hz"]
        if has is False:
            row["hz"] = row["bus_frequency_hz"] if row["bus_frequency_hz"] is not None else row["frequency_hz"]
            row |= dict.fromkeys(INLET_ONLY)
        return row

    def _outlet(self, row):
        row = dict(row)
        row["there"] = self._in_service(row)
        row["hz"] = row["frequency_hz"]
        if row["state"] == "none":
            row |= dict.fromkeys(OUTLET_ONLY)
        return row

    def _in_service(self, row):
        since, until = row["since"], row["until"]
        if row["state"] == "retired" and until is not None and until >= self.on and not (since and since > self.on):
            return None
        if row["state"] != "operational":
            return False
        if (until is not None and until < self.on) or (since is not None and since > self.on):
            return False
        return None if since is None and row["seen_on"] is not None and row["seen_on"] > self.on else True

    # ---- the checks -------------------------------------------------------------------------------------------

    def kinds_of(self, row):
        if row["kind"]:
            return {row["kind"]}
        found = {"HVSC", "LVSC", "DC"}
        if row["profile"]:
            found &= {self.kinds[w] for w in words(row["profile"])}
        if row["frequency_hz"] is not None:
            found &= {"DC"} if row["frequency_hz"] == 0 else {"HVSC", "LVSC"}
        if row["voltage_kv"] is not None:
            found -= {"LVSC"} if row["voltage_kv"] > value("high_voltage_above_kv") else {"HVSC"}
        return found or {"HVSC", "LVSC", "DC"}

    def annex(self, i, o):
        own, their = self.kinds_of(i), self.kinds_of(o)
        if not own & their:
            return False
        if not i["profile"] or not o["profile"]:
            return None
        if not words(i["profile"]) & words(o["profile"]):
            return False
        return True if own == their and len(own) == 1 else None

    @staticmethod
    def band():
        steady = value("shore_voltage_steady")
        low = (1 - value("shore_voltage_under")) / (1 - steady)
        high = (1 + value("shore_voltage_over")) / (1 + steady)
        return 1 - low, high - 1

    def direct(self, i, o):
        return near(i["voltage_kv"], o["voltage_kv"], *self.band())

    def bridged(self, i, o):
        if i["transformer_kv"] is None:
            return None
        takes = words(i["transformer_kv"]) - {"none"}
        return either(*(near(float(w), o["voltage_kv"], *self.band()) for w in takes)) if takes else False

    def need(self, i):
        states = {"cargo": "peak_cargo_mw", "reefers": "peak_reefers_mw", "passengers": "peak_passengers_mw"}
        if self.demand == "alongside":
            low, high = i["peak_mw"], i["peak_mw_high"] if i["peak_mw_high"] is not None else i["peak_mw"]
        elif self.demand == "largest":
            others = [i[c] for c in states.values() if i[c] is not None]
            own = [] if i["peak_mw"] is None else [i["peak_mw"]]
            top = [v for v in (i["peak_mw_high"], i["peak_mw"]) if v is not None][:1]
            low, high = max(own + others, default=None), max(top + others, default=None)
        else:
            low = high = i[states[self.demand]]
        factor = span(i, "inlets", "power_factor")
        limit = schema("inlets")["peak_mw"]
        known = low is not None and high is not None and i["power_factor"] is not None
        low, high = limit.minimum if low is None else low, limit.maximum if high is None else high
        return (low / factor[1], high / factor[0]), known

    def plant(self, o):
        rows = [r for r in self.every_outlet if o["plant_id"] is not None and r["plant_id"] == o["plant_id"]]
        if o["plant_id"] is None:
            rows = [r for r in self.every_outlet if r["outlet_id"] == o["outlet_id"] and r["plant_id"] is None]
        stated = [r["plant_power_mva"] for r in rows if r["plant_power_mva"] is not None]
        if o["plant_id"] is None and not stated:
            return None
        low = high = 0.0
        for name in {r["outlet_id"] for r in rows}:
            same = [r for r in rows if r["outlet_id"] == name]
            n = [r["outlets_n"] for r in same if r["outlets_n"] is not None]
            n = (max(n), max(n)) if n else (1, schema("outlets")["outlets_n"].maximum)
            others = 1 if name == o["outlet_id"] else 0
            n = (max(n[0], 1) - others, max(n[1], 1) - others)
            powers = [self.rated(r) for r in same]
            there = either(*(r["there"] for r in same))
            low += (min(p[0] for p in powers) if there is True else 0.0) * n[0]
            high += (0.0 if there is False else max(p[1] for p in powers)) * n[1]
        at_once = span(o, "outlets", "simultaneity")
        limit = schema("outlets")["plant_power_mva"]
        total = (max(stated), max(stated)) if stated else (limit.minimum, limit.maximum)
        return (max(0.0, total[0] - at_once[1] * high), max(0.0, total[1] - at_once[0] * low))

    @staticmethod
    def rated(o):
        low, high = span(o, "outlets", "power_mva")
        return (low, o["power_mva_high"] if o["power_mva_high"] is not None else high)

    def phases(self, o):
        three = math.sqrt(3)
        direct = o["hz"] == 0 if o["hz"] is not None else {"DC"} == self.kinds_of(o)
        surely_ac = o["hz"] > 0 if o["hz"] is not None else "DC" not in self.kinds_of(o)
        return (1.0 if not surely_ac else three, 1.0 if direct else three)

    def carried(self, i, o):
        """Return the power of the plugs and their number; None is no limit."""
        if o["state"] == "none":
            return None, None
        amps, plugs = span(o, "outlets", "socket_current_a"), span(o, "outlets", "sockets_n")
        if i["has"] is not False:
            amps = least(amps, span(i, "inlets", "plug_current_a"))
            plugs = least(plugs, span(i, "inlets", "plugs_n"))
        kv, phases = span(o, "outlets", "voltage_kv"), self.phases(o)
        ends = [kv[e] * phases[e] * amps[e] * plugs[e] / 1000 for e in (0, 1)]
        return (ends[0], ends[1]), plugs

    def available(self, i, o):
        if o["state"] == "none":
            return (math.inf, math.inf)
        spans = [self.rated(o), self.carried(i, o)[0], self.plant(o)]
        low, high = least(*(s for s in spans if s is not None))
        if i["has"] is not False:
            direct, bridged = self.direct(i, o), self.bridged(i, o)
            transformer = span(i, "inlets", "transformer_mva")
            if direct is not True and bridged is not False:
                low = min(low, transformer[0])
            if direct is False and bridged is True:
                high = min(high, transformer[1])
        return (low, high)

    def plugs(self, i, o):
        if o["state"] == "none":
            return True
        power, plugs = self.carried(i, o)
        same = True if i["has"] is False else equal(i["connector"], o["connector"])
        return both(same, at_most(self.need(i)[0], power), at_most((1, 1), plugs))

    def who_brings(self, i):
        if i["ship_class"] in (None, "unknown", "unknown_cargo"):
            return None
        return "ship" if i["ship_class"] in self.ship_brings else "shore"

    def cable(self, i, o):
        reel, provider = i["cable_on_board"], o["cable_provider"]

        def is_one_of(*choices):
            return None if provider is None else provider in choices

        ship = either(reel, is_one_of("either"))
        shore = either(is_one_of("shore", "either"), both(reel, is_one_of("ship", "either")))
        if self.who_brings(i) == "ship":
            return ship
        if self.who_brings(i) == "shore":
            return shore
        return ship if ship == shore else None

    def reach(self, i, o):
        reach, cable = span(o, "outlets", "reach_m"), span(i, "inlets", "cable_length_m")
        brings = self.who_brings(i)
        if brings == "ship":
            reach = most(reach, cable)
        elif brings is None:
            reach = (reach[0], max(reach[1], cable[1]))
        length, quay = span(i, "inlets", "length_m"), span(o, "outlets", "berth_length_m")
        stern = span(i, "inlets", "inlet_from_stern_m")
        stern = (min(stern[0], stern[1], length[1]), min(stern[1], length[1]))
        begin, end = span(o, "outlets", "position_from_m"), span(o, "outlets", "position_to_m")
        begin, end = (begin[0], min(begin[1], end[1])), (max(begin[0], end[0]), end[1])

        def within(first, last):
            return both(at_most(first, plus(end, reach)), at_most(minus(begin, reach), last))

        room = minus(quay, length)
        alongside = {
            "port": within(plus(least((0, 0), room), stern), plus(most((0, 0), room), stern)),
            "starboard": within(minus(least(quay, length), stern), minus(most(quay, length), stern)),
        }
        answers = []
        for own, their in product(possible_sides(i["side"]), possible_sides(o["side"])):
            answers.append(either(*(alongside[s] for s in sorted(own & their))))
        agreed = answers[0] if all(a is answers[0] for a in answers) else None
        windows = both(
            at_most(span(o, "outlets", "height_min_m"), span(i, "inlets", "height_min_m")),
            at_most(span(i, "inlets", "height_max_m"), span(o, "outlets", "height_max_m")),
        )
        return both(agreed, windows)

    def protection(self, i, o):
        limit = value("shore_short_circuit_max_ka")
        own = None if i["short_circuit_ka"] is None else i["short_circuit_ka"] <= limit
        their = None if o["short_circuit_ka"] is None else o["short_circuit_ka"] <= limit
        if o["state"] == "none":
            return own
        if i["has"] is False:
            return both(own, their)
        return both(own, their, equal(i["neutral"], o["neutral"]), equal(i["pilots_n"], o["pilots_n"]))

    @staticmethod
    def zone(i, o):
        agreed = both(
            equal(i["zone_concept"], o["zone_concept"]), equal(i["connection_position"], o["connection_position"])
        )
        if i["ship_class"] in (None, "unknown"):
            return True if agreed is True else None
        return agreed if "tanker" in i["ship_class"] else True

    def checks(self, i, o, papers, stay):
        built = i["has"] is False or o["state"] == "none"
        tolerance = value("shore_frequency_tolerance")
        hours = plus(span(o, "outlets", "t_connect_h"), span(o, "outlets", "t_disconnect_h"))
        useful = value("shore_useful_min_h")
        return [
            True if built else self.annex(i, o),
            i["has"],
            o["there"],
            True if built else either(self.direct(i, o), self.bridged(i, o)),
            near(i["hz"], o["hz"], tolerance, tolerance),
            at_most(self.need(i)[0], self.available(i, o)),
            self.plugs(i, o),
            True if built else self.cable(i, o),
            True if built else self.reach(i, o),
            self.protection(i, o),
            self.zone(i, o),
            at_most(plus(hours, (useful, useful)), stay),
            papers,
        ]

    # ---- the grade --------------------------------------------------------------------------------------------

    def grade(self, failing, *, some_power, stay):
        """Return the grade of a world in which just these checks fail."""
        if stay < value("shore_useful_min_h"):
            return 6
        clauses = failing - {13} - ({6} if some_power else set())
        if any(check not in self.side_of for check in clauses):
            return 6
        if clauses:
            ways = product(*(self.side_of[check] for check in clauses))
            return min({("ship",): 3, ("berth",): 4}.get(tuple(sorted(set(way))), 5) for way in ways)
        if 6 in failing:
            return 2
        return 1 if 13 in failing else 0

    def connection(self, i, o, papers, stay):
        checks = self.checks(i, o, papers, stay)
        low, high = self.available(i, o)
        false = {n for n, answer in enumerate(checks, 1) if answer is False}
        not_true = {n for n, answer in enumerate(checks, 1) if answer is not True}
        need, known = self.need(i)
        share = 1.0 if checks[5] is True else 0.0 if high == 0 else min(1.0, low / need[1]) if known and low else None
        return {
            "checks": checks,
            "best": self.grade(false, some_power=high > 0, stay=stay[1]),
            "worst": self.grade(not_true, some_power=low > 0, stay=stay[0]),
            "inlet": i,
            "outlet": o,
            "share": share,
        }

    def verdict(self, ship, berth, *, papers=None, stay=None):
        """Return the verdict of a pair, as the table has it."""
        hours = (0.0, math.inf) if stay is None else (stay, stay)
        own, their = self.ships[ship], self.berths[berth]
        found = {
            (a, b): self.connection(own[a], their[b], papers, hours) for a in range(len(own)) for b in range(len(their))
        }
        chosen = min(found, key=lambda key: (found[key]["best"], found[key]["worst"], key))
        over = [
            selected([found[a, b]["worst"] for b in range(len(their))], their, "outlet_id") for a in range(len(own))
        ]
        worst = selected(over, own, "inlet_id")
        best = found[chosen]["best"]
        checks = list(found[chosen]["checks"])
        uncertain = not (exists(own, chosen[0], "inlet_id") and exists(their, chosen[1], "outlet_id"))
        if uncertain and worst != found[chosen]["worst"] and checks[4] is True:
            checks[4] = None
        return {
            "ship_id": ship,
            "berth_id": berth,
            "inlet_id": own[chosen[0]]["inlet_id"],
            "outlet_id": their[chosen[1]]["outlet_id"],
            "grade": best if best == worst else None,
            "best": best,
            "worst": worst,
            "power_share": found[chosen]["share"],
            "checks": checks,
        }


def assessment_holds(row, on):
    """Return whether an assessment holds on a day."""
    oldest = on - timedelta(days=value("shore_assessment_valid_days"))
    if row["assessed_on"] > on:
        return False
    last = row["last_connected_on"]
    fresh = row["assessed_on"] >= oldest or (None if last is None else oldest <= last <= on)
    return both(fresh, None if row["changed_since"] is None else not row["changed_since"])
