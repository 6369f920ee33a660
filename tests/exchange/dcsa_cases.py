"""One good event of DCSA Port Call 2.0.0, and ways to change it."""

import copy
from datetime import UTC, datetime, timedelta

NOW = datetime(2025, 1, 23, tzinfo=UTC)


def uuid(number):
    return f"00000000-0000-4000-8000-{number:012d}"


def event(number=1, **places):
    """A good event; ``a__b=value`` sets a field below, None takes it out."""
    made = {
        "eventID": uuid(number),
        "eventUpdatedDateTime": "2025-01-22T08:00:00Z",
        "portCall": {"portCallID": uuid(900), "UNLocationCode": "NLAMS"},
        "portCallService": {
            "portCallServiceID": uuid(800),
            "portCallServiceTypeCode": "BERTH",
            "portCallServiceEventTypeCode": "ARRI",
            "portCallPhaseTypeCode": "INBD",
            "facilityTypeCode": "BRTH",
            "serviceLocation": {"facility": {"facilityCode": "ADT", "facilityCodeListProvider": "SMDG"}},
        },
        "vessel": {"vesselIMONumber": "9321483"},
        "timestamp": {"classifierCode": "EST", "serviceDateTime": "2025-01-23T04:00:00+01:00"},
    }
    for place, value in places.items():
        put(made, place.split("__"), value)
    return made


def put(whole, path, value):
    for name in path[:-1]:
        whole = whole.setdefault(name, {})
    if value is None:
        whole.pop(path[-1], None)
    else:
        whole[path[-1]] = copy.deepcopy(value)


def hours(number):
    return (NOW + timedelta(hours=number)).isoformat()
