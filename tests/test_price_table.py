"""The price table: what it gives, and every way in which it may be bad."""

import re
from pathlib import Path

import pytest

from labs import price_table
from labs.errors import LabsError
from labs.roi import Plan

GOOD = price_table.FILE.read_text(encoding="utf-8")


@pytest.fixture
def spoiled(tmp_path: Path):
    def write(right: str, wrong: str) -> Path:
        assert right in GOOD
        path = tmp_path / "own.toml"
        path.write_text(GOOD.replace(right, wrong, 1), encoding="utf-8")
        return path

    return write


def test_every_entry_of_the_file_has_unit_date_and_source():
    table = price_table.load()
    assert set(table.entries) == set(price_table.UNITS)
    assert table.currency == "USD"
    assert all(
        entry.low <= entry.value <= entry.high for entry in table.entries.values()
    )
    assert table["person"].date.isoformat() == "2025-09-12"


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("value = 0.067", "value = -0.067", "cpu: value is -0.067"),
        ("value = 0.067", "value = nan", "cpu: value is nan"),
        ("value = 0.067", "value = true", "cpu: value is True"),
        ("value = 0.067", 'value = "0.067"', "cpu: value is '0.067'"),
        ("value = 0.067", "value = 0.5", "rising order"),
        ("per million tokens", "per thousand tokens", "api_in is 'per thousand"),
        ("date = 2025-09-12\n", "", "person has no date"),
        ("date = 2025-09-12", 'date = "2025"', "person: the date is '2025'"),
        (re.search(r'source = "US .*', GOOD)[0], 'source = ""', "person has no source"),
        ("[storage]", "[stroage]", "stroage is no known entry"),
        ("[storage]", "# [gone]", "is no known entry|has a field|no valid|Cannot"),
        ('currency = "USD"', 'currency = "EUR"', r"EUR \(api_in\) and USD"),
        ('currency = "USD"\n', "", "api_in has no currency"),
        ('unit = "times"', 'unit = "times"\ncurrency = "USD"', "gpu_speed has a curr"),
        ('unit = "times"', 'unit = "times"\ntax = 1', "field 'tax'"),
        ("[cpu]", "[cpu", "own.toml"),
    ],
)
def test_bad_tables_are_refused(spoiled, right: str, wrong: str, told: str):
    with pytest.raises(LabsError, match=told) as caught:
        price_table.load(spoiled(right, wrong))
    assert "own.toml" in str(caught.value)


def test_a_missing_entry_and_a_missing_file(tmp_path: Path):
    own = tmp_path / "own.toml"
    head, _, rest = GOOD.partition("[storage]")
    own.write_text(head + rest[rest.index("# People") :], encoding="utf-8")
    with pytest.raises(LabsError, match=r"own.toml: the entry \[storage\] is missing"):
        price_table.load(own)
    with pytest.raises(LabsError, match="absent.toml"):
        price_table.load(tmp_path / "absent.toml")


def test_deployments_pay_for_different_things():
    table = price_table.load()
    api, hosted, own = (price_table.prices(table, d) for d in price_table.DEPLOYMENTS)
    assert api.per_million_in and not api.per_device_hour
    assert hosted.per_service_month == pytest.approx(0.5 * 730)
    assert not hosted.per_device_hour and not hosted.per_million_in
    assert own.per_device_hour == own.per_cpu_hour == pytest.approx(0.067)
    with pytest.raises(LabsError, match="'cloud'"):
        price_table.prices(table, "cloud")
    with pytest.raises(LabsError, match="no price 'gold'"):
        table["gold"]


def test_ranges_and_worth():
    table = price_table.load()
    ranges = price_table.ranges(table, "hosted-gpu")
    assert ranges["per_service_month"] == pytest.approx((365, 0.99 * 730))
    assert "per_million_in" not in ranges
    all_ = price_table.assumed(table, "api", questions_per_month=(1, 2))
    assert all_["questions_per_month"] == (1, 2)
    assert all_["value_right"] == pytest.approx((2 / 60 * 45.65, 10 / 60 * 45.65))
    plan = price_table.plan(table, questions_per_month=10, months=2)
    assert isinstance(plan, Plan)
    assert plan.value_right == pytest.approx(5 / 60 * 45.65)
