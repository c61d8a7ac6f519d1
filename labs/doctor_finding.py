"""What a check of the doctor found, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor."""

    level: str  # "ok"; "warn": the labs run all the same; "fail": a lab would fail
    found: str
    todo: str = ""


def ok(found: str) -> Finding:
    return Finding("ok", found)


def warn(found: str, todo: str) -> Finding:
    return Finding("warn", found, todo)


def fail(found: str, todo: str) -> Finding:
    return Finding("fail", found, todo)
