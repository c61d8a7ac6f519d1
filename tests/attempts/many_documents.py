"""Attempts at the exercises of notebooks/1_rag/07_many_documents."""

import math

from attempts import Attempts

# fair_shares --------------------------------------------------------------------------


def _shares_right(needs, budget):
    shares, waiting = [0] * len(needs), set(range(len(needs)))
    while waiting:
        offer = budget // len(waiting)
        i = min(waiting, key=lambda i: (needs[i], i))
        shares[i] = min(needs[i], offer)
        budget -= shares[i]
        waiting.remove(i)
    return shares


def _shares_equal(needs, budget):
    return [budget // len(needs) for _ in needs]


def _shares_cut_only(needs, budget):
    return [min(need, budget // max(1, len(needs))) for need in needs]


def _shares_in_order_given(needs, budget):
    shares = []
    for i, need in enumerate(needs):
        shares.append(min(need, budget // (len(needs) - i)))
        budget -= shares[-1]
    return shares


def _shares_sorted(needs, budget):
    return _shares_right(sorted(needs), budget)


def _shares_first_come(needs, budget):
    shares = []
    for need in needs:
        shares.append(min(need, budget))
        budget -= shares[-1]
    return shares


def _shares_in_proportion(needs, budget):
    total = sum(needs)
    return [min(need, need * budget // total) for need in needs]


def _shares_not_cut(needs, budget):
    shares = [0.0] * len(needs)
    order = sorted(range(len(needs)), key=lambda i: needs[i])
    for place, i in enumerate(order):
        shares[i] = min(needs[i], budget / (len(order) - place))
        budget -= shares[i]
    return shares


def _shares_one_too_few(needs, budget):
    return _shares_right(needs, budget)[:-1] or [budget]


# merge_findings -----------------------------------------------------------------------


def _merge_right(findings):
    values = dict.fromkeys(value for value, _ in findings if value is not None)
    return {
        value: list(dict.fromkeys(d for v, d in findings if v == value))
        for value in values
    }


def _merge_with_none(findings):
    merged = {}
    for value, document in findings:
        merged.setdefault(value, [])
        if document not in merged[value]:
            merged[value].append(document)
    return merged


def _merge_last_wins(findings):
    return {value: [document] for value, document in findings if value is not None}


def _merge_with_repeats(findings):
    merged = {}
    for value, document in findings:
        if value is not None:
            merged.setdefault(value, []).append(document)
    return merged


def _merge_sorted(findings):
    return {value: sorted(own) for value, own in _merge_right(findings).items()}


def _merge_by_document(findings):
    return {document: [value] for value, document in findings}


def _merge_without_empty(findings):
    return {value: own for value, own in _merge_right(findings).items() if value}


def _merge_one_value_a_document(findings):
    merged, seen = {}, set()
    for value, document in findings:
        if value is not None and document not in seen:
            seen.add(document)
            merged.setdefault(value, []).append(document)
    return merged


def _merge_needs_a_pair(findings):
    first = findings[0]
    return _merge_right([first, *findings[1:]])


# leaders ------------------------------------------------------------------------------


def _leaders_right(values):
    known = []
    for name, value in values.items():
        if value is not None and not math.isnan(value):
            known.append((name, value))
    top = max((value for _, value in known), default=0)
    names = [name for name, value in known if value == top]
    return names, len(values) - len(known)


def _leaders_missing_is_zero(values):
    filled = {n: 0.0 if v is None or v != v else v for n, v in values.items()}
    top = max(filled.values(), default=0.0)
    missing = sum(v is None or v != v for v in values.values())
    return [n for n, v in filled.items() if v == top], missing


def _leaders_only_first(values):
    names, missing = _leaders_right(values)
    return names[:1], missing


def _leaders_without_nan(values):
    known = {n: v for n, v in values.items() if v is not None}
    top = max(known.values(), default=None)
    return [n for n, v in known.items() if v == top], len(values) - len(known)


def _leaders_zero_is_missing(values):
    known = {n: v for n, v in values.items() if v and v == v}
    top = max(known.values(), default=None)
    return [n for n, v in known.items() if v == top], len(values) - len(known)


def _leaders_lowest(values):
    known = {n: v for n, v in values.items() if v is not None and v == v}
    low = min(known.values(), default=None)
    return [n for n, v in known.items() if v == low], len(values) - len(known)


def _leaders_sorted(values):
    names, missing = _leaders_right(values)
    return sorted(names), missing


def _leaders_names_only(values):
    return _leaders_right(values)[0]


ATTEMPTS = {
    "fair_shares": Attempts(
        _shares_right,
        (
            _shares_equal,
            _shares_cut_only,
            _shares_in_order_given,
            _shares_sorted,
            _shares_first_come,
            _shares_in_proportion,
            _shares_not_cut,
            _shares_one_too_few,
        ),
    ),
    "merge_findings": Attempts(
        _merge_right,
        (
            _merge_with_none,
            _merge_last_wins,
            _merge_with_repeats,
            _merge_sorted,
            _merge_by_document,
            _merge_without_empty,
            _merge_one_value_a_document,
            _merge_needs_a_pair,
        ),
    ),
    "leaders": Attempts(
        _leaders_right,
        (
            _leaders_missing_is_zero,
            _leaders_only_first,
            _leaders_without_nan,
            _leaders_zero_is_missing,
            _leaders_lowest,
            _leaders_sorted,
            _leaders_names_only,
        ),
    ),
}
