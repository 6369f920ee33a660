"""Readers of the public berth problems' file formats: text in, plain records out, nothing solved or changed.

=========  ==============================================================  =================================
format     what it is                                                      source
=========  ==============================================================  =================================
lr2012     discrete berths, handling time by berth                         Lalla-Ruiz et al. 2012
kliv       the same, 200 and more ships                                    Kramer et al. 2019
ernst      one quay, ships leave only inside high-water windows            Ernst et al. 2017
cibap      several quays end to end, preferred quay and place              Aslam, Michaelides, Herodotou
mcbap      several ports, continuous quays, sailing speed is chosen        github Loic-Ker/MCBAP
=========  ==============================================================  =================================

The files say less than they seem to: the length of Ernst's quay is not in them, and neither are the penalty and the
stretching of the latest finish of mcbap. What is missing has to be given by the caller and is never filled in here.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from sisterport.berths.instances import (
    Discrete,
    Floats,
    Instance,
    Ints,
    MultiPort,
    MultiPortQuay,
    MultiPortShip,
    Quays,
    Tidal,
    Visit,
)
from sisterport.errors import InputError, choose

NO_BERTH = 99_999
"""Handling time that means "this ship cannot use this berth" in the discrete format."""
NO_VISIT = 2**63 - 1
"""Time that means "this ship does not call here" in the mcbap format."""


def read_instance(path: str | Path, *, format: str) -> Instance:  # noqa: A002 (the command's own word)
    """Read one instance.

    Parameters
    ----------
    path
        File.
    format
        ``lr2012``, ``kliv``, ``ernst``, ``cibap`` or ``mcbap``.

    Raises
    ------
    InputError
        If the file cannot be read, is cut short or contradicts itself; the message tells where.
    MethodError
        If the format is unknown.

    Examples
    --------
    >>> read_instance("f60x7-01.txt", format="lr2012")
    Traceback (most recent call last):
    sisterport.errors.InputError: cannot read f60x7-01.txt: No such file or directory
    """
    parse = PARSERS[choose("instance format", format, list(PARSERS))]
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    return parse(text, name=path.stem)


def parse_discrete(text: str, *, name: str) -> Discrete:
    """Parse the discrete format: N, M, arrivals, openings, N x M handling times, closings, latest departures.

    Parameters
    ----------
    text
        Whole numbers with blanks or line ends between; those after the last latest departure are counted as spare.
    name
        Name of the instance.

    Raises
    ------
    InputError
        If a word is not a whole number, or the file ends too early, or a ship fits no berth.

    Examples
    --------
    >>> two = parse_discrete("2 1  0 3  1  5 4  50  50 50  600", name="two ships")
    >>> two.handling.tolist(), two.closes.tolist(), two.spare
    ([[5], [4]], [50], 1)
    """
    numbers = _whole_numbers(text, name)
    if numbers.size < 2 or min(numbers[:2]) < 1:
        raise InputError(f"{name}: the file must begin with the numbers of ships and berths")
    ships, berths = (int(number) for number in numbers[:2])
    sizes = {"arrivals": ships, "openings": berths, "handling times": ships * berths, "closings": berths}
    sizes["latest departures"] = ships
    parts, at = {}, 2
    for what, size in sizes.items():
        parts[what] = numbers[at : at + size]
        if parts[what].size < size:
            raise InputError(f"{name}: ends after {parts[what].size} of {size} {what}")
        at += size
    handling = parts["handling times"].reshape(ships, berths)
    if (handling <= 0).any():
        ship = int(np.argmax((handling <= 0).any(axis=1)))
        raise InputError(f"{name}: handling time of ship {ship + 1} is not above 0")
    return Discrete(
        name=name,
        arrival=parts["arrivals"],
        handling=np.where(handling == NO_BERTH, 0, handling),
        opens=parts["openings"],
        closes=parts["closings"],
        latest=parts["latest departures"],
        spare=int(numbers.size - at),
    )


def parse_ernst(text: str, *, name: str) -> Tidal:
    r"""Parse the tidal format: six lines of a word and numbers, with commas between.

    Parameters
    ----------
    text
        The file.
    name
        Name of the instance.

    Raises
    ------
    InputError
        If a line is missing or has the wrong number of values, or a ship has no length (a known fault of some of the
        published files, where a length of 0 would let any number of ships share one place).

    Examples
    --------
    >>> lines = "Vessels,1\nBegin, 1,13\nEnd, 7,20\nProcessin, 5\nLength, 1.5\nArrival, 3"
    >>> parse_ernst(lines, name="one ship").processing.tolist()
    [5]
    """
    lines = [line for line in text.splitlines() if line.strip()]
    rows = {line.split(",")[0].strip().lower(): line.split(",")[1:] for line in lines}
    if "processin" in rows:  # a header of the two-week files
        rows["processing"] = rows.pop("processin")
    missing = [word for word in ("vessels", "begin", "end", "processing", "length", "arrival") if word not in rows]
    if missing:
        raise InputError(f"{name}: no line {', '.join(missing)}")
    values = {word: _floats(cells, f"{name}, line {word}") for word, cells in rows.items()}
    ships = int(values["vessels"][0])
    for word in ("processing", "length", "arrival"):
        if values[word].size != ships:
            raise InputError(f"{name}: {values[word].size} values in line {word}, but {ships} vessels")
    if values["begin"].size != values["end"].size or (values["begin"] > values["end"]).any():
        raise InputError(f"{name}: the windows' begins and ends do not go together")
    if (values["length"] <= 0).any():
        raise InputError(f"{name}: {int((values['length'] <= 0).sum())} vessels of length 0: faulty conversion")
    return Tidal(
        name=name,
        window_begin=values["begin"].astype(np.int64),
        window_end=values["end"].astype(np.int64),
        processing=values["processing"].astype(np.int64),
        length=values["length"],
        arrival=values["arrival"].astype(np.int64),
    )


def parse_cibap(text: str, *, name: str) -> Quays:
    """Parse the format with several quays: flat XML with one repeated tag per quantity.

    Parameters
    ----------
    text
        The file.
    name
        Name of the instance.

    Raises
    ------
    InputError
        If it is no XML, a tag is missing or the tags have different numbers of values.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError(f"{name}: document types are not read")
    try:
        root = ET.fromstring(text)  # noqa: S314 (entities are refused above)
    except ET.ParseError as error:
        raise InputError(f"{name}: not XML: {error}") from error
    tags = {
        "preferred": "PBQ",
        "length_m": "vessellength",
        "processing_h": "ProcessingTimeOfVessel",
        "arrival_h": "ArrivalTimeOfVessel",
        "requested_h": "RequestedDep_Time",
        "wanted_m": "LowestCostBerthingPos_",
    }
    found = {key: _floats([e.text or "" for e in root.iter(tag)], f"{name}, {tag}") for key, tag in tags.items()}
    quay_m = _floats([e.text or "" for e in root.iter("LoW")], f"{name}, LoW")
    ships = len(list(root.iter("Vessels_")))
    wrong = [f"{tags[key]} ({values.size})" for key, values in found.items() if values.size != ships]
    if wrong or not ships or not quay_m.size:
        raise InputError(f"{name}: {ships} vessels, {quay_m.size} quays, but {', '.join(wrong) or 'nothing else'}")
    preferred = found.pop("preferred").astype(np.int64) - 1
    if (preferred < 0).any() or (preferred >= quay_m.size).any():
        raise InputError(f"{name}: a preferred quay (PBQ) that does not exist")
    return Quays(name=name, quay_m=quay_m, preferred=preferred, **found)


def parse_mcbap(text: str, *, name: str) -> MultiPort:
    """Parse the multi-port format (see `MultiPort`); tabs or blanks between values.

    Parameters
    ----------
    text
        The file.
    name
        Name of the instance.

    Raises
    ------
    InputError
        If the file ends too early, a value is not a number or the number of visits differs from line to line.
    """
    lines = iter([line.split() for line in text.splitlines() if line.strip()])
    try:
        return _multi_port(lines, name)
    except StopIteration as error:
        raise InputError(f"{name}: ends too early") from error
    except (ValueError, IndexError) as error:
        raise InputError(f"{name}: {error}") from error


def _multi_port(lines: Iterator[list[str]], name: str) -> MultiPort:
    head = next(lines)
    ship_count, segment_m, port_count, speeds = int(head[0]), float(head[2]), int(head[3]), int(head[4])
    beta = float(next(lines)[0])
    raw = [[next(lines) for _ in range(5)] for _ in range(ship_count)]
    ports = tuple(_port(lines) for _ in range(port_count))
    distance = np.array([_row(lines, port_count) for _ in range(port_count)])
    prices = _row(lines, 4)
    skipped = list(islice(lines, ship_count))  # earliest starts once more
    latest = [_row(lines, len(next_row)) for next_row in skipped]
    sail = np.array(_row(lines, speeds))
    fuel = np.array([_row(lines, speeds) for _ in ports[0].minimum_handling_h])
    return MultiPort(
        name=name,
        segment_m=segment_m,
        beta=beta,
        ships=tuple(_multi_port_ship(*pair) for pair in zip(raw, latest, strict=True)),
        ports=ports,
        distance_nm=distance,
        idle_usd_h=prices[0],
        handling_usd_h=prices[1],
        delay_usd_h=prices[2],
        fuel_usd_t=prices[-1],
        sail_h_nm=sail,
        fuel_t_nm=fuel,
    )


def _port(lines: Iterator[list[str]]) -> MultiPortQuay:
    quay, taken = next(lines)
    minimum = tuple(float(word) for word in next(lines))
    rows = [[float(word) for word in next(lines)] for _ in range(int(taken))]
    return MultiPortQuay(quay_m=float(quay), minimum_handling_h=minimum, taken=np.array(rows).reshape(len(rows), 4))


def _multi_port_ship(raw: list[list[str]], latest: list[float]) -> MultiPortShip:
    (kind, length), *rest = raw
    columns = zip(*rest, latest[: len(rest[0])], strict=True)
    visits = tuple(
        Visit(
            port=int(port) - 1,
            wanted_m=float(place),
            earliest_h=float(earliest),
            wanted_finish_h=float(finish),
            latest_h=last,
        )
        for place, earliest, finish, port, last in columns
    )
    return MultiPortShip(kind=int(kind) - 1, length_m=float(length), visits=visits)


def _row(lines: Iterator[list[str]], size: int) -> list[float]:
    words = next(lines)
    if len(words) < size:
        raise ValueError(f"{len(words)} values where {size} are due: {' '.join(words)}")
    return [float(word) for word in words[:size]]


def _whole_numbers(text: str, name: str) -> Ints:
    words = text.split()
    try:
        return np.array([int(word) for word in words], dtype=np.int64)
    except ValueError as error:
        raise InputError(f"{name}: {error}") from error


def _floats(words: list[str], where: str) -> Floats:
    try:
        return np.array([float(word) for word in words if word.strip()])
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error


PARSERS: Mapping[str, Callable[..., Instance]] = {
    "lr2012": parse_discrete,
    "kliv": parse_discrete,
    "ernst": parse_ernst,
    "cibap": parse_cibap,
    "mcbap": parse_mcbap,
}
