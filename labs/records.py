"""Typed records from JSON lines and front matter; errors name the file and the line."""

import json
import reprlib
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

import yaml

from labs.errors import LabsError

Record = TypeVar("Record")
_MOST_SHOWN = 300  # characters of a value in an error
Row = tuple[str, dict[str, Any]]  # "file:line", and what stands there


def read_json_lines(path: Path) -> list[Row]:
    """One JSON object a line; empty lines are skipped."""
    lines = enumerate(_read_text(path).split("\n"), start=1)
    return [_parse(line, f"{path}:{i}") for i, line in lines if line.strip()]


def _parse(line: str, where: str) -> Row:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        at = f" at column {error.colno}" if hasattr(error, "colno") else ""
        raise LabsError(
            f"{where}: this is no JSON ({getattr(error, 'msg', error)}{at}). "
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
        values = read_yaml(head)
    except ValueError as error:
        place = getattr(error.__cause__, "problem_mark", None)
        line = place.line + 1 if place else 1
        raise LabsError(
            f"{path}:{line}: the front matter is no YAML ({error}). Expected lines "
            "like `id: name`."
        ) from error
    if not isinstance(values, dict):
        raise LabsError(f"{path}:1: the front matter holds no `name: value` lines.")
    return values | {"text": text.strip()}


def read_yaml(text: str) -> Any:
    """Plain values from YAML.

    Raises ValueError, in one line, for whatever PyYAML makes of a text that is none: a
    day that no month has is an error of another kind there than a missing bracket.
    """
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = getattr(error, "problem", None) or " ".join(str(error).split())
        raise ValueError(shorten(said)) from error


def shorten(text: str) -> str:
    """As much of a text as an error may hold."""
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LabsError(
            f"{path}:1: cannot be read ({error.strerror}). Expected a file that is "
            "there and that you may read; check its name."
        ) from error
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
        found = shorten(", ".join(map(str, values)))
        raise LabsError(
            f"{where}: the field {field.name!r} is missing. Found: {found}."
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
    right = isinstance(expected, type) and isinstance(value, expected)
    if not right or (expected is str and not _is_text(value)):
        # reprlib: a few lines of YAML can stand for a value without end
        found = shorten(reprlib.repr(value))
        raise LabsError(f"{where} is {found}, expected {_spell(expected)}.")
    return value


def _is_text(value: str) -> bool:
    """JSON can hold half a character, which no file and no tokenizer takes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _spell(expected: Any) -> str:
    if get_origin(expected) is tuple:
        return f"a list of {_spell(get_args(expected)[0])}"
    return {str: "text", int: "a whole number"}.get(expected, "an object")
