"""Short texts that sum up an entity, each in two wordings, with the facts in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .page import with_article
from .schema import RELATIONS, Fact

if TYPE_CHECKING:
    from .items import View

# {s} the subject, {relation} its value, {a relation} its value with an article.
_TEXTS = {
    "incident": (
        "On {incident_date}, {incident_unit} stopped with {incident_fault}. The cause "
        "was {incident_cause}. The crew {incident_action}. The unit stood still for "
        "{incident_downtime}.",
        "{incident_unit} stood still for {incident_downtime} from {incident_date}, "
        "with {incident_fault}, because of {incident_cause}; the crew "
        "{incident_action}.",
    ),
    "contract": (
        "{s} with {contract_supplier} is about {contract_subject}. It runs from "
        "{contract_start} to {contract_end}, with a notice period of {notice_period}.",
        "{contract_supplier} is our partner in {s}, which is about {contract_subject}. "
        "It began on {contract_start}, ends on {contract_end} and has a notice period "
        "of {notice_period}.",
    ),
    "terms": (
        "Under {s}, the supplier pays {delay_penalty} for each day of delay, and "
        "liability is limited to {liability_cap}. We pay within {payment_term}.",
        "{s} has a daily penalty for delay of {delay_penalty}, a cap on liability of "
        "{liability_cap} and a payment term of {payment_term}.",
    ),
    "fault": (
        "{s} means {fault_meaning}. Follow {fault_procedure}, take {fault_part} along "
        "and be on site within {fault_response_time}. It is reset {fault_reset}.",
        "With {s}, that is {fault_meaning}, somebody must be on site within "
        "{fault_response_time}, with {fault_part}, and follow {fault_procedure}; the "
        "reset is done {fault_reset}.",
    ),
    "procedure": (
        '{s}, "{procedure_title}", takes {procedure_duration} and '
        "{procedure_crew_size}. It needs {procedure_tool}, and the "
        "{procedure_lockout} is locked out first.",
        '"{procedure_title}" ({s}) is a job of {procedure_duration} for '
        "{procedure_crew_size} with {procedure_tool}; the lockout point is the "
        "{procedure_lockout}.",
    ),
    "park": (
        "{s} lies in the district of {park_district} and has {park_turbine_count} of "
        "the type {park_model}. It has been running since {park_commissioned} and is "
        "looked after by the {park_crew} crew.",
        "The park {s}, in the district of {park_district}, was commissioned in "
        "{park_commissioned}. It has {park_turbine_count} of the type {park_model}; "
        "the {park_crew} crew looks after it.",
    ),
    "supplier": (
        "{s} is based in {supplier_town}. Our contact there is {supplier_contact}; the "
        "hotline is open from {supplier_hotline_hours}, and our customer number is "
        "{supplier_account}.",
        "Ask for {supplier_contact} at {s} in {supplier_town} and give the customer "
        "number {supplier_account}. The hotline is open from {supplier_hotline_hours}.",
    ),
    "crew": (
        "The {s} crew is led by {crew_lead} and based in {crew_base}. It has "
        "{crew_size}, drives {a crew_vehicle} and is reached on extension "
        "{crew_extension}.",
        "{crew_lead} leads the {s} crew, {crew_size} in {crew_base} with "
        "{a crew_vehicle}; the extension is {crew_extension}.",
    ),
}  # fmt: skip


def write_summaries(
    key: str, subject: str, view: View
) -> tuple[list[str], list[Fact]] | None:
    """The texts and their facts; None where there is nothing to sum up.

    Raises:
        KeyError: a fact that the summary needs is told nowhere.
    """
    if key == "bulletin":
        return _bulletin(subject, view)
    if key == "model":
        return _model(subject, view)
    plain = _TEXTS[key][0].replace("{a ", "{")
    relations = [name for name in RELATIONS if f"{{{name}}}" in plain]
    facts = [view.facts[subject, name] for name in relations]
    values = {fact.relation: fact.object for fact in facts}
    texts = [_fill(text, subject, values) for text in _TEXTS[key]]
    return texts, facts


def _fill(text: str, subject: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{a {name}}}", with_article(value))
    return text.format(s=subject, **values)


def _bulletin(code: str, view: View) -> tuple[list[str], list[Fact]]:
    """What a bulletin says, whether or not it is still in force."""
    names = ("bulletin_model", "bulletin_deadline", "bulletin_reason")
    facts = [view.set_by[code], *(view.facts[code, name] for name in names)]
    value, model, deadline, reason = (fact.object for fact in facts)
    noun = RELATIONS[facts[0].relation].noun
    first = (
        f"{code} sets the {noun} of the {model} to {value}. It is to be carried out by "
        f"{deadline}; the reason is {reason}."
    )
    second = (
        f"According to {code}, issued because of {reason}, the {noun} of the {model} "
        f"is {value}, by {deadline}."
    )
    return [first, second], facts


def _model(model: str, view: View) -> tuple[list[str], list[Fact]] | None:
    """The values of a model that bulletins in force set."""
    codes = view.bulletins_of(model)
    if not codes:
        return None
    facts = [view.set_by[code] for code in codes]
    set_values = [
        f"the {RELATIONS[fact.relation].noun} to {fact.object} ({code})"
        for code, fact in zip(codes, facts, strict=True)
    ]
    *most, last = set_values
    listed = f"{', '.join(most)} and {last}" if most else last
    first = f"For the {model}, bulletins in force set {listed}."
    return [first, f"Bulletins set {listed} for the {model}."], facts
