"""Grades, classes of coverage and facts in words, and the colour of each: the same on every page of shore power."""

from sisterport.tables import schema

UNDECIDED = "Undecided"
GRADES = {
    0: "Plug in now",
    1: "After paperwork or first test",
    2: "Partial power",
    3: "Fix on the ship",
    4: "Fix at the berth",
    5: "Fixes on both",
    6: "Not possible",
    None: UNDECIDED,
}
"""Grades of a verdict, best to worst, and last what cannot be told."""

GRADE_COLOURS = {
    GRADES[0]: "#12385f",
    GRADES[1]: "#2f6f9f",
    GRADES[2]: "#8fbedd",
    GRADES[3]: "#f7d79b",
    GRADES[4]: "#dd9a32",
    GRADES[5]: "#a8641d",
    GRADES[6]: "#611f17",
    UNDECIDED: "#d5d9dd",
}
"""Blue connects, amber needs a fix, brown cannot, grey is not known."""

COVERAGE = {
    "could": "Could connect",
    "partial": "Partial power",
    "after_ship_fix": "After a fix on the ship",
    "after_berth_fix": "After a fix at the berth",
    "after_both": "After fixes on both",
    "not_possible": "Not possible",
    "undecided": "Undecided",
    "no_verdict": "Not matched",
    "berth_unknown": "Berth not known",
    "at_anchor": "At anchor",
}
"""Classes of coverage, in the order of the bars."""

COVERAGE_COLOURS = {
    "Could connect": GRADE_COLOURS[GRADES[0]],
    "Partial power": GRADE_COLOURS[GRADES[2]],
    "After a fix on the ship": GRADE_COLOURS[GRADES[3]],
    "After a fix at the berth": GRADE_COLOURS[GRADES[4]],
    "After fixes on both": GRADE_COLOURS[GRADES[5]],
    "Not possible": GRADE_COLOURS[GRADES[6]],
    "Undecided": GRADE_COLOURS[UNDECIDED],
    "Not matched": "#b4bcc4",
    "Berth not known": "#8d98a3",
    "At anchor": "#e9e4f0",
}

CHECKS = {
    1: "Same kind of connection",
    2: "Ship has an inlet",
    3: "Outlet in service",
    4: "Voltage",
    5: "Frequency",
    6: "Power",
    7: "Plugs",
    8: "Cable on the right side",
    9: "Side and reach",
    10: "Protection",
    11: "Hazardous zone",
    12: "Time of the stay",
    13: "Documents",
}
"""The 13 checks in a few words."""

_ASKED = {
    "has_inlet": "Has the ship an inlet?",
    "state": "Is there an outlet in service?",
    "since": "Since when is it in service?",
    "stay_h": "How long is the stay?",
    "assessment": "Is there an assessment?",
    "profile": "Which profile (annex)?",
    "kind": "High, low or direct voltage?",
    "voltage_kv": "Which voltage?",
    "frequency_hz": "Which frequency?",
    "bus_frequency_hz": "Which frequency on board?",
    "transformer_kv": "Which voltages by transformer?",
    "transformer_mva": "How large is the transformer?",
    "pair": "Which voltage with which hertz?",
    "power_mva": "How much power has the outlet?",
    "plant_power_mva": "How much power has the plant?",
    "simultaneity": "How many outlets draw at once?",
    "outlets_n": "How many equal outlets?",
    "peak_mw": "What is the peak demand?",
    "peak_cargo_mw": "What is the peak with cargo?",
    "peak_reefers_mw": "What is the peak with reefers?",
    "peak_passengers_mw": "What is the peak with guests?",
    "power_factor": "What is the power factor?",
    "connector": "Which plug?",
    "plugs_n": "How many plugs on the ship?",
    "plug_current_a": "How much current per plug?",
    "sockets_n": "How many sockets at once?",
    "socket_current_a": "How much current per socket?",
    "pilots_n": "How many pilot contacts?",
    "neutral": "How is the neutral earthed?",
    "neutral_resistor_ohm": "Which neutral resistor?",
    "short_circuit_ka": "How high is the short circuit?",
    "side": "Which side of the ship?",
    "cable_provider": "Who brings the cable?",
    "cable_on_board": "Is there a cable on board?",
    "cable_length_m": "How long is the ship's cable?",
    "inlet_from_stern_m": "How far is the inlet from aft?",
    "length_m": "How long is the ship?",
    "berth_length_m": "How long is the berth?",
    "position_from_m": "Where do outlets begin?",
    "position_to_m": "Where do outlets end?",
    "reach_m": "How far does the cable reach?",
    "height_min_m": "What is the lowest inlet height?",
    "height_max_m": "What is the top inlet height?",
    "t_connect_h": "How long to connect?",
    "t_disconnect_h": "How long to disconnect?",
    "ship_class": "Which ship class?",
    "zone_concept": "How are hazard zones met?",
    "connection_position": "Where does a tanker connect?",
}


def grade_range(best: int, worst: int) -> str:
    r"""Return a verdict in a few letters: its grade, or the range that is still open.

    Examples
    --------
    >>> grade_range(3, 3), grade_range(0, 6) == "?\u202f0\u20136"
    ('3', True)
    """
    return f"{best}" if best == worst else f"?\u202f{best}\u2013{worst}"


def verdict(best: int | None, worst: int | None) -> str:
    """Return a verdict in words.

    Examples
    --------
    >>> verdict(0, 0), verdict(3, 5), verdict(0, 6), verdict(None, None)
    ('0 plug in now', 'undecided, 3 to 5', 'undecided, 0 to 6', 'no verdict')
    """
    if best is None or worst is None:
        return "no verdict"
    if best == worst:
        return f"{best} {GRADES[best].lower()}"
    return f"undecided, {best} to {worst}"


def asked(side: str, column: str) -> str:
    """Return a missing fact as a question.

    Parameters
    ----------
    side
        ``ship``, ``berth`` or ``pair``.
    column
        Column of inlets or outlets; ``stay_h`` and ``assessment`` of a pair.

    Examples
    --------
    >>> asked("ship", "has_inlet"), asked("berth", "availability_share")
    ('Has the ship an inlet?', 'Share of the year that the outlet can be used?')
    """
    if column in _ASKED:
        return _ASKED[column]
    known = schema("inlets" if side == "ship" else "outlets")
    meaning = known[column].meaning if column in known else column.replace("_", " ")
    text = meaning.split(";")[0].split(":")[0].strip()
    return f"{text[0].upper()}{text[1:]}?"
