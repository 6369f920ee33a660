"""Codes of the tables as words for the reader, and the order in which they are shown."""

GROUPS = {
    "ocean_going": "Ocean-going ships",
    "harbour_craft": "Harbour craft",
    "unknown": "Other or unknown type",
}
MODES = {"berth": "At berth", "anchorage": "At anchor", "manoeuvring": "Manoeuvring", "cruise": "Under way"}
SYSTEMS = {"main": "Main engine", "auxiliary_engine": "Auxiliary engines", "boiler": "Boilers"}
QUALITIES = {
    "seen": "Seen",
    "stayed": "Not seen, stayed in place",
    "shifted": "Not seen, lay still nearby",
    "bridged": "Not seen, moved (bridged)",
    "unobserved": "Unobserved",
}
TREATMENTS = {
    "great_circle": "Bridged along the great circle",
    "sea_route": "Bridged along a sea route",
    "unobserved": "Not bridged: unobserved",
}
FIELDS = {
    "ship_class": "Ship class",
    "size": "Size",
    "power_kw": "Main engine power",
    "v_ref_kn": "Reference speed",
    "draught_ref_m": "Reference draught",
    "engine_type": "Engine type",
    "fuel": "Fuel",
    "keel_year": "Keel year",
}
KNOWN = {
    "register": "Register",
    "ais": "AIS broadcast",
    "regression": "Regression",
    "class_average": "Class average",
    "default": "Rule or default",
    "unknown": "Unknown",
}
"""How a value is known, from best to worst."""

_CLASSES = {
    "ro_ro": "Ro-ro ship",
    "container": "Container ship",
    "cruise": "Cruise ship",
    "vehicle": "Vehicle carrier",
    "ferry_pax_only": "Passenger ferry",
    "ferry_ropax": "Ro-pax ferry",
    "general_cargo": "General cargo ship",
    "refrigerated_bulk": "Refrigerated cargo ship",
    "liquefied_gas_tanker": "Gas tanker",
    "other_liquids_tanker": "Other tanker",
    "miscellaneous_fishing": "Fishing vessel",
    "miscellaneous_other": "Miscellaneous",
    "service_tug": "Tug",
    "service_other": "Service vessel",
    "offshore": "Offshore vessel",
    "unknown": "Unknown type",
    "unknown_cargo": "Cargo ship, type unknown",
    "unknown_tanker": "Tanker, type unknown",
    "unknown_passenger": "Passenger ship, type unknown",
}
_MARKS = (
    ("unknown", "unknown"),
    ("none", "unknown"),
    ("register dimensions", "regression"),
    ("register", "register"),
    ("regression", "regression"),
    ("beam", "regression"),
    ("ais", "ais"),
    ("broadcast", "ais"),
    ("class", "class_average"),
)
"""What a source begins with or holds, first match wins; any other word is a rule or default."""


def ship_class(code: str) -> str:
    """Return a ship class in words.

    Examples
    --------
    >>> ship_class("bulk_carrier"), ship_class("unknown_cargo")
    ('Bulk carrier', 'Cargo ship, type unknown')
    """
    return _CLASSES.get(code) or code.replace("_", " ").capitalize()


def known_how(source: str | None) -> str:
    """Return the kind of knowledge (a key of `KNOWN`) behind a source word of the table of ships.

    Examples
    --------
    >>> known_how("register: service speed / 0.94"), known_how("class average over all sizes")
    ('register', 'class_average')
    >>> known_how("largest broadcast draught"), known_how("register dimensions")
    ('ais', 'regression')
    >>> known_how("default"), known_how(None)
    ('default', 'unknown')
    """
    head = (source or "unknown").split(":", maxsplit=1)[0].split("(", maxsplit=1)[0].lower()
    return next((kind for mark, kind in _MARKS if mark in head), "default")
