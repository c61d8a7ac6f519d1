"""Attempts at the exercises of notebooks/2_finetuning/03_fine_tuning_for_rag."""

from attempts import Attempts
from labs import metrics

# distractors --------------------------------------------------------------------------


def _words(text):
    return metrics.normalise(text).split()


def _holds(text, answer):
    words, wanted = _words(text), _words(answer)
    places = range(len(words) - len(wanted) + 1)
    return any(words[i : i + len(wanted)] == wanted for i in places)


def _wrong_right(ranked, gold, answer, n):
    found = []
    for text in ranked:
        if len(found) < n and text not in gold and not _holds(text, answer):
            found.append(text)
    return found


def _wrong_with_gold(ranked, gold, answer, n):
    return ranked[:n]


def _wrong_with_answer(ranked, gold, answer, n):
    return [text for text in ranked if text not in gold][:n]


def _wrong_cuts_first(ranked, gold, answer, n):
    return _wrong_right(ranked[:n], gold, answer, n)


def _wrong_letters(ranked, gold, answer, n):
    kept = [text for text in ranked if text not in gold]
    return [text for text in kept if answer.lower() not in text.lower()][:n]


def _wrong_without_n(ranked, gold, answer, n):
    return _wrong_right(ranked, gold, answer, len(ranked))


def _wrong_sorted(ranked, gold, answer, n):
    return sorted(_wrong_right(ranked, gold, answer, n))


# outcome ------------------------------------------------------------------------------


def _outcome_right(said, accepted, passages):
    kinds = {
        "refused": metrics.is_refusal(said),
        "right": metrics.exact_match(said, accepted),
        "copied": bool(_words(said)) and any(_holds(p, said) for p in passages),
        "made up": True,
    }
    return next(kind for kind, holds in kinds.items() if holds)


def _outcome_copied_first(said, accepted, passages):
    if any(_holds(p, said) for p in passages) and _words(said):
        return "copied"
    return _outcome_right(said, accepted, passages)


def _outcome_letters(said, accepted, passages):
    found = _outcome_right(said, accepted, passages)
    plain = metrics.normalise(said)
    texts = [metrics.normalise(p) for p in passages]
    return "copied" if found == "made up" and any(plain in t for t in texts) else found


def _outcome_one_refusal(said, accepted, passages):
    found = _outcome_right(said, accepted, passages)
    own = said == "The documents do not tell."
    return "made up" if found == "refused" and not own else found


def _outcome_no_refusal(said, accepted, passages):
    found = _outcome_right(said, accepted, passages)
    return "made up" if found == "refused" else found


def _outcome_first_wording(said, accepted, passages):
    return _outcome_right(said, accepted[:1], passages)


def _outcome_first_passage(said, accepted, passages):
    return _outcome_right(said, accepted, passages[:1])


def _outcome_needs_passage(said, accepted, passages):
    found = _outcome_right(said, accepted, passages)
    told = any(_holds(p, said) for p in passages)
    return "made up" if found == "right" and not told else found


def _outcome_all_copied(said, accepted, passages):
    found = _outcome_right(said, accepted, passages)
    return "copied" if found == "made up" else found


ATTEMPTS = {
    "distractors": Attempts(
        _wrong_right,
        (
            _wrong_with_gold,
            _wrong_with_answer,
            _wrong_cuts_first,
            _wrong_letters,
            _wrong_without_n,
            _wrong_sorted,
        ),
    ),
    "outcome": Attempts(
        _outcome_right,
        (
            _outcome_copied_first,
            _outcome_letters,
            _outcome_one_refusal,
            _outcome_no_refusal,
            _outcome_first_wording,
            _outcome_first_passage,
            _outcome_needs_passage,
            _outcome_all_copied,
        ),
    ),
}
