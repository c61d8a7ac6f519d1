"""The report of a decision: what to take, why, what it costs, what is not known."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from labs import decision_pictures, results, roi, tasks
from labs.arms import ARMS
from labs.corpus import Question
from labs.decision import Case, Decision, too_few
from labs.decision_folder import Measured, made_of
from labs.pages import Page
from labs.results import Result

NAME = "report"
_TO_READ = 4  # questions with the answers of all arms


def write(
    out: Path, measured: Measured, case: Case, decision: Decision | None
) -> tuple[Path, Path]:
    """`report.html` and `report.md` in `out`; their paths."""
    return page(measured, case, decision).write(out, NAME)


def page(measured: Measured, case: Case, decision: Decision | None) -> Page:
    """The report; without a decision, there was no question to decide by."""
    own = Page(f"RAG, fine-tuning or both for {measured.name}?")
    own.text(answer(decision), first=True)
    if decision:
        own.items(decision.reasons)
        _figures(own, decision, case)
        _costs(own, decision, case)
        own.heading("To read")
        heads = ("question", "by", "answer")
        own.table(heads, _answers(measured.found, measured.questions))
    own.heading("What these figures do not say")
    own.items(_limits(measured, case, decision))
    own.heading("Where they come from")
    own.items(_origin(measured))
    return own


def answer(decision: Decision | None) -> str:
    """The recommendation in a sentence."""
    if decision is None:
        return "No recommendation. " + too_few(0)
    if decision.choice is None:
        return "No recommendation: the reasons follow."
    return f"Take {decision.choice}: {ARMS[decision.choice].told}."


def _figures(own: Page, decision: Decision, case: Case) -> None:
    own.heading("What was measured")
    base = decision.offers[0].name
    rows = [
        (
            offer.name,
            offer.accuracy,
            decision.differences.get((offer.name, base), ""),
            decision.wrong[offer.name],
        )
        for offer in decision.offers
    ]
    own.table(("arm", "right", f"right, minus {base}", "wrong answers"), rows)
    told = "; ".join(f"{o.name} {o.accuracy}" for o in decision.offers)
    alt = f"Right and wrong answers of each arm with 95% intervals. Right: {told}."
    own.picture("answers", decision_pictures.answers(decision), alt)
    if decision.enough:
        _earnings(own, decision, case)


def _earnings(own: Page, decision: Decision, case: Case) -> None:
    own.heading("What it earns")
    rows, told = [], []
    for offer in decision.offers:
        low, high = offer.net_range or (offer.net, offer.net)
        each = roi.per_thousand_right(
            decision.usages[offer.name], case.prices, case.plan, offer.accuracy.mean
        )
        net = f"{round(offer.net):,} [{round(low):,}, {round(high):,}]"
        rows.append((offer.name, f"{offer.cost:,.0f}", f"{each:,.2f}", net))
        told.append(f"{offer.name} {net}")
    heads = ("arm", "cost", "per thousand right", "net of costs [95%]")
    own.table(heads, rows)
    own.text(f"In {case.prices.currency}, over {case.plan.months:g} months.")
    alt = f"What each arm earns net of costs with 95% intervals: {'; '.join(told)}."
    own.picture("net", decision_pictures.money(decision, case), alt)


def _costs(own: Page, decision: Decision, case: Case) -> None:
    own.heading("What it costs")
    heads = ("arm", "tokens in", "tokens out", "seconds", "training, s", "hours, once")
    rows = [
        (
            name,
            *(f"{x:.0f}" for x in (use.tokens_in, use.tokens_out)),
            *(f"{use.device_s:.2f}", f"{use.setup_s:.0f}", f"{use.setup_hours:g}"),
        )
        for name, use in decision.usages.items()
    ]
    own.table((*heads, "hours, an update"), _with_updates(rows, decision))
    own.text(
        "Tokens and seconds are measured, a question each; hours of people are assumed."
    )
    alt = "All costs of each arm over the plan against questions a month, both logged."
    own.picture("costs", decision_pictures.volumes(decision, case), alt)
    own.items(_crossings(decision, case))
    own.heading("What was assumed")
    own.table(("assumption", "value", "unit", "source"), _assumed(case))
    total = sum(decision.mix.values())
    shares = (f"{task} {share / total:.0%}" for task, share in decision.mix.items())
    own.text(f"Questions asked, by share: {', '.join(shares)}.")


def _assumed(case: Case) -> list[tuple[str, str, str, str]]:
    """The plan, and every price with its unit, date and source."""
    rows = [
        (name.replace("_", " "), f"{value:g}", "", "the plan")
        for name, value in asdict(case.plan).items()
    ]
    rows.append(("deployment", case.deployment, "", "the plan"))
    rows.append(("update share", f"{case.update_share:g}", "of documents", "the plan"))
    unused = {"own-cpu": ("api", "gpu"), "api": ("gpu",), "hosted-gpu": ("api",)}
    for entry in case.table.entries.values():
        if entry.name.split("_")[0] in unused[case.deployment]:
            continue
        unit = f"{entry.currency} {entry.unit}" if entry.currency else entry.unit
        source = f"{entry.source} ({entry.date})"
        rows.append((entry.name, f"{entry.value:g}", unit, source))
    return rows


def _with_updates(rows: Sequence[tuple], decision: Decision) -> list[tuple]:
    return [(*row, f"{decision.usages[row[0]].update_hours:g}") for row in rows]


def _crossings(decision: Decision, case: Case) -> list[str]:
    """At which volumes costs cross."""
    told, names = [], list(decision.usages)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            pair = decision.usages[one], decision.usages[other]
            if volume := roi.break_even(*pair, case.prices, case.plan):
                told.append(
                    f"{one} and {other} cost the same at {volume:,.0f} questions a "
                    "month."
                )
    return told or ["No two arms cost the same at any volume: their order never turns."]


def _answers(
    found: Sequence[Result], questions: Mapping[str, Question]
) -> list[Sequence[Any]]:
    """A few questions, the right answer to each, and what each arm said."""
    said: dict[str, dict[str, str]] = {}
    arms = results.names(found, "arm")
    for arm in arms:
        for task in results.measured(found):
            for answer in results.answers(found, arm, task)[0]:
                said.setdefault(answer["id"], {})[arm] = answer["text"]
    told = [i for i, own in said.items() if i in questions and len(own) == len(arms)]
    rows = []
    for i in told[:: max(1, len(told) // _TO_READ)][:_TO_READ]:
        own = {"right": questions[i].answer} | said[i]
        asked = [questions[i].question, *[""] * len(arms)]
        rows += [
            (q, by, _short(t)) for q, (by, t) in zip(asked, own.items(), strict=True)
        ]
    return rows


def _short(text: str, most: int = 160) -> str:
    return text if len(text) <= most else text[:most] + " …"


def _limits(measured: Measured, case: Case, decision: Decision | None) -> list[str]:
    told = []
    if any(by != "people" for by in measured.written):
        told.append(
            "A model wrote questions. They echo the words of their passage, which "
            "flatters retrieval by words, and only those that the model could answer "
            "with the passage are left: arms that read look better than they will. "
            "Add questions of people to questions.jsonl and run it again."
        )
    asked = set(decision.mix) if decision else set()
    if lacking := [task for task in tasks.QUALITY[:-1] if task not in asked]:
        told.append(f"Nothing is known of: {', '.join(lacking)}.")
    arms = results.names(measured.found, "arm") if measured.found else []
    trained = [arm for arm in arms if ARMS[arm].training]
    seeds = {r["seed"] for r in measured.found if r["arm"] in trained}
    if trained:
        told.append(
            f"Intervals are over questions. Of {', '.join(trained)} "
            f"{len(seeds)} training seed{'s count' if len(seeds) > 1 else ' counts'}; "
            "another seed gives another model."
        )
    else:
        told.append("No arm was trained: what fine-tuning brings was not measured.")
    told.append(
        "Values, prices, hours and volume are your assumptions; a right answer is "
        f"worth {case.plan.value_right:g} and a wrong one costs "
        f"{case.plan.cost_wrong:g} {case.prices.currency}. Change them and see whether "
        "the advice turns."
    )
    return told


def _origin(measured: Measured) -> list[str]:
    by = ", ".join(f"{n} by {who}" for who, n in measured.written.items()) or "none"
    told = [
        f"{measured.n_documents:,} documents, {measured.n_words:,} words.",
        f"Questions asked: {by}.",
        *measured.told.splitlines(),
        measured.profile,
    ]
    if measured.found:
        versions = measured.found[0]["versions"]
        names = ("data", "model", "code")
        told.append(", ".join(f"{n} {str(versions[n])[:12]}" for n in names))
        told.append(f"First cell measured at {measured.found[0]['started']}.")
    return [*told, *(f"{name}: {value}" for name, value in made_of().items())]
