"""Just enough of JSON Schema draft-07 to hold an object against iLEAP's published schemas, independent of our code.

A keyword that it does not know is an error, so that nothing in a schema is passed over.
"""

import re
from datetime import datetime
from uuid import UUID

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
         "null": type(None)}  # fmt: skip
KNOWN = {"$schema", "title", "description", "definitions", "type", "required", "properties", "items", "enum", "pattern",
         "format", "anyOf", "oneOf", "minimum", "maximum", "minLength", "minItems", "uniqueItems", "$ref"}  # fmt: skip


def faults(value, schema, root, path="$"):
    """Return where a value does not fit a schema."""
    if schema is False:
        return [f"{path}: not allowed"]
    if schema is True:
        return []
    assert not set(schema) - KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        return faults(value, root["definitions"][schema["$ref"].rsplit("/", 1)[-1]], root, path)
    found = _kind(value, schema, path)
    for word, least, most in (("anyOf", 1, 99), ("oneOf", 1, 1)):
        fitting = sum(not faults(value, one, root, path) for one in schema.get(word, ()))
        if word in schema and not least <= fitting <= most:
            found.append(f"{path}: fits {fitting} of {word}")
    if isinstance(value, dict):
        found += [f"{path}.{name}: missing" for name in schema.get("required", ()) if name not in value]
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                found += faults(value[name], inner, root, f"{path}.{name}")
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            found.append(f"{path}: too few")
        if schema.get("uniqueItems") and len({repr(one) for one in value}) < len(value):
            found.append(f"{path}: not unique")
        for number, one in enumerate(value):
            found += faults(one, schema.get("items", True), root, f"{path}[{number}]")
    return found


def _kind(value, schema, path):
    found = []
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return [f"{path}: no {' or '.join(kinds)}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{path}: {value!r} is none of the words")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{path}: {value!r} has not the form")
        if len(value) < schema.get("minLength", 0):
            found.append(f"{path}: too short")
        found += _format(value, schema.get("format"), path)
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{path}: out of range")
    return found


def _is(value, kind):
    return isinstance(value, TYPES[kind]) and (isinstance(value, bool) == (kind == "boolean"))


def _format(value, name, path):
    try:
        if name == "date-time" and datetime.fromisoformat(value).tzinfo is None:
            return [f"{path}: no offset"]
        if name == "uuid":
            UUID(value)
    except ValueError:
        return [f"{path}: no {name}"]
    return []
