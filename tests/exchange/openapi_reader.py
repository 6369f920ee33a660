"""Just enough of YAML and JSON Schema to hold an object against a published OpenAPI file, independent of our code."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def schemas(path: Path) -> dict[str, Any]:
    """Return components/schemas of an OpenAPI file: mappings and scalars; lists and block texts are left out."""
    lines = path.read_text(encoding="utf-8").splitlines()
    tree: dict[str, Any] = {}
    stack: list[tuple[int, dict[str, Any]]] = [(-1, tree)]
    block = None  # indent of a key whose value is a block text
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if not line.strip() or (block is not None and indent > block):
            continue
        block = None
        if line.lstrip().startswith("- $ref:"):  # the one item of an allOf
            stack[-1][1]["$ref"] = line.partition(":")[2].strip().strip("\"'")
            continue
        if line.lstrip().startswith(("- ", "#")) or ":" not in line:
            continue
        key, _, value = line.strip().partition(":")
        value = value.strip()
        while stack[-1][0] >= indent:
            stack.pop()
        parent = stack[-1][1]
        if value in {"|", ">", "|-", ">-"}:
            block = indent
        elif value == "":
            child: dict[str, Any] = {}
            parent[key.strip("\"'")] = child
            stack.append((indent, child))
        else:
            parent[key.strip("\"'")] = value.strip("\"'")
    return tree["components"]["schemas"]


def faults(value: Any, schema: dict[str, Any], every: dict[str, Any], path: str = "$") -> list[str]:
    """Return where a value does not fit its schema; fields that the schema does not name are faults too."""
    schema = schema.get("allOf", schema)
    if "$ref" in schema:
        return faults(value, every[schema["$ref"].rsplit("/", 1)[-1]], every, path)
    kind = schema.get("type", "object")
    if not isinstance(value, TYPES[kind]) or (kind in {"integer", "number"} and isinstance(value, bool)):
        return [f"{path}: {type(value).__name__}, needed {kind}"]
    found = []
    if kind == "object":
        known = schema.get("properties", {})
        for name, inner in value.items():
            if name not in known:
                found.append(f"{path}.{name}: no such field")
            else:
                found += faults(inner, known[name], every, f"{path}.{name}")
    if kind == "array":
        for number, inner in enumerate(value):
            found += faults(inner, schema["items"], every, f"{path}[{number}]")
    if kind == "string":
        if len(value) > int(schema.get("maxLength", len(value))):
            found.append(f"{path}: longer than {schema['maxLength']}")
        if schema.get("format") == "uuid" and str(UUID(value)) != value.lower():
            found.append(f"{path}: no uuid")
        if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
            found.append(f"{path}: no offset")
    return found
