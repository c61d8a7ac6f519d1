"""Typed records from JSON lines and front matter; errors name the file and the line."""

import json
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

import yaml

from labs.errors import LabsError

Record = TypeVar("Record")
Row = tuple[str, dict[str, Any]]  # "file:line", and what stands there


def read_json_lines(path: Path) -> list[Row]:
    """One JSON object a line; empty lines are skipped."""
    lines = enumerate(_read_text(path).split("\n"), start=1)
    return [_parse(line, f"{path}:{i}") for i, line in lines if line.strip()]


def _parse(line: str, where: str) -> Row:
    try:
        values = json.loads(line)
    except json.JSONDecodeError as error:
        raise LabsError(
            f"{where}: this is no JSON ({error.msg} at column {error.colno}). "
            "Expected one JSON object a line; mend the line or build the data again."
        ) from error
    if not isinstance(values, dict):
        found = type(values).__name__
        raise LabsError(f"{where}: found a JSON {found}, expected an object.")
    return where, values


def read_front_matter(path: Path) -> dict[str, Any]:
    """The fields between the first two lines `---`, and `text`, what follows them."""
    head, mark, text = _read_text(path).partition("\n---\n")
    if not head.startswith("---\n") or not mark:
        raise LabsError(
            f"{path}:1: found no front matter. Expected a line `---`, the fields id, "
            "title, type, date and edition, and another line `---`."
        )
    try:
        values = yaml.safe_load(head)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = place.line + 1 if place else 1
        raise LabsError(
            f"{path}:{line}: the front matter is no YAML "
            f"({getattr(error, 'problem', error)}). Expected lines like `id: name`."
        ) from error
    if not isinstance(values, dict):
        raise LabsError(f"{path}:1: the front matter holds no `name: value` lines.")
    return values | {"text": text.strip()}


def _read_text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise LabsError(
            f"{path}:{line}: the byte 0x{content[error.start]:02x} is not UTF-8. "
            "Expected UTF-8 text; convert the file, for instance with "
            "`iconv -f latin1 -t utf-8`."
        ) from error


def build(cls: type[Record], values: dict[str, Any], where: str) -> Record:
    """A dataclass from a row; fields that it does not know are left out.

    Raises:
        LabsError: a field is missing or of another type.
    """
    return cls(
        **{
            field.name: _value(field, values, where)
            for field in fields(cls)
            if field.name in values or field.default is MISSING
        }
    )


def _value(field: Field, values: dict[str, Any], where: str) -> Any:
    if field.name not in values:
        raise LabsError(
            f"{where}: the field {field.name!r} is missing. Found: "
            f"{', '.join(map(str, values))}."
        )
    return _convert(field.type, values[field.name], f"{where}: {field.name}")


def _convert(expected: Any, value: Any, where: str) -> Any:
    """Lists become tuples, objects dataclasses, YAML's dates text; else as it is."""
    if get_origin(expected) is tuple and isinstance(value, list):
        item = get_args(expected)[0]
        return tuple(_convert(item, each, where) for each in value)
    if is_dataclass(expected) and isinstance(value, dict):
        return build(expected, value, where)
    if isinstance(expected, UnionType):
        return None if value is None else _convert(str, value, where)
    if expected is str and isinstance(value, date):
        return value.isoformat()
    if not isinstance(expected, type) or not isinstance(value, expected):
        raise LabsError(f"{where} is {value!r}, expected {_spell(expected)}.")
    return value


def _spell(expected: Any) -> str:
    if get_origin(expected) is tuple:
        return f"a list of {_spell(get_args(expected)[0])}"
    return {str: "text", int: "a whole number"}.get(expected, "an object")
