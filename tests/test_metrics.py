"""Metrics held to hand-computed cases and to the packages that others use."""

import random

import numpy as np
import pytest
from rouge_score.rouge_scorer import RougeScorer
from scipy import stats

from labs import metrics, prompts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Gearbox.", "gearbox"),
        ("  an  oil\nfilter ", "oil filter"),
        ("2.4 MW [1].", "2.4 mw"),
        ("Nora Vestergard [1][2, 3]", "nora vestergard"),
        ("1,200 Nm", "1200 nm"),
        ("1,234,567", "1234567"),
        ("1, 2 and 3", "1 2 and 3"),
        ("\u221220\u00a0\u00b0C", "-20 \u00b0 c"),
        ("-20\u00b0C", "-20 \u00b0 c"),
        ("99 %", "99 %"),
        ("99%", "99 %"),
        ("\u20ac1,200 per day", "\u20ac 1200 per day"),
        ("F-2317", "f2317"),
        ("F\u20112317", "f2317"),
        ("2031-03-01", "2031-03-01"),
        ("07:30\u201316:00", "07:30-16:00"),
        ("gearbox/converter", "gearbox converter"),
        ("the crew's van", "crews van"),
        ("Shelf A", "shelf a"),
        ("A shelf", "shelf"),
        ("A-12", "a12"),
        ("The U.S. Army!", "us army"),
        ("the", "the"),
        ("...", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert metrics.normalise(text) == expected
    assert metrics.normalise(expected) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2.4 MW", "24 MW"),
        ("-20 \u00b0C", "20 \u00b0C"),
        ("F-2317", "F-2318"),
        ("10-12 m", "1012 m"),
        ("5 %", "5"),
        ("shelf A", "shelf"),
        ("1,200", "1,2"),
    ],
)
def test_exact_match_tells_values_apart(one: str, other: str) -> None:
    assert not metrics.exact_match(one, [other])
    assert metrics.exact_match(one, [other, one])


@pytest.mark.parametrize("accepted", ["gearbox", []])
@pytest.mark.parametrize(
    "metric", [metrics.exact_match, metrics.token_f1, metrics.rouge_l]
)
def test_accepted_must_be_a_list_with_a_wording(metric, accepted) -> None:
    with pytest.raises(ValueError, match="at least one wording"):
        metric("gearbox", accepted)


@pytest.mark.parametrize(
    ("prediction", "accepted", "expected"),
    [
        ("main gearbox", ["gearbox"], 2 / 3),
        ("the gearbox", ["gearbox"], 1.0),
        ("oil oil oil", ["oil filter"], 2 / 5),
        ("oil filter", ["converter", "oil filter and pump"], 2 * 2 / (2 + 4)),
        ("F-2317", ["F-2318"], 0.0),
        ("", ["gearbox"], 0.0),
    ],
)
def test_token_f1(prediction: str, accepted: list[str], expected: float) -> None:
    assert metrics.token_f1(prediction, accepted) == pytest.approx(expected)


def test_rouge_l_by_hand() -> None:
    # "police ... the gunman" is the longest common subsequence: 3 of 4 words.
    score = metrics.rouge_l("police kill the gunman", ["police killed the gunman"])
    assert score == pytest.approx(3 / 4)
    # "the gunman" alone: 2 words of 4 and 5.
    score = metrics.rouge_l("the gunman kill police", ["police soon killed the gunman"])
    assert score == pytest.approx(2 * 2 / (4 + 5))
    assert metrics.rouge_l("no", ["yes", "no"]) == 1.0
    assert metrics.rouge_l("", ["yes"]) == 0.0


def test_rouge_l_agrees_with_rouge_score() -> None:
    scorer = RougeScorer(["rougeL"])
    draw = random.Random(7)
    text = "The oil filter, F-2317 is 2.4 MW: \u00e9t\u00e9 crew's (van) _x_ and"
    for _ in range(200):
        a, b = (
            " ".join(draw.choices(text.split(), k=draw.randint(0, 25))) for _ in "ab"
        )
        expected = scorer.score(target=b, prediction=a)["rougeL"].fmeasure
        assert metrics.rouge_l(a, [b]) == pytest.approx(expected), (a, b)


def test_semantic_similarity() -> None:
    vectors = np.array([[3.0, 4.0], [1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    references = np.array([[6.0, 8.0], [0.0, 2.0], [-1.0, 0.0], [1.0, 1.0]])
    similarity = metrics.semantic_similarity(vectors, references)
    assert similarity == pytest.approx([1.0, 0.0, -1.0, 0.0])
    with pytest.raises(ValueError, match=r"\(4, 2\).*\(1, 2\)"):
        metrics.semantic_similarity(vectors, references[:1])


def test_recall_at_k() -> None:
    ranked = ["d3", "d1", "d7", "d2"]
    assert metrics.recall_at_k(ranked, {"d1", "d2"}, k=1) == 0.0
    assert metrics.recall_at_k(ranked, {"d1", "d2"}, k=3) == 0.5
    assert metrics.recall_at_k(ranked, {"d1", "d2"}, k=9) == 1.0
    assert metrics.recall_at_k(["d1", "d1", "d2"], ["d1", "d2", "d2"], k=2) == 0.5


def test_reciprocal_rank() -> None:
    assert metrics.reciprocal_rank(["d3", "d1", "d2"], {"d1", "d2"}) == 0.5
    assert metrics.reciprocal_rank(["d3"], {"d1"}) == 0.0


def test_ndcg_at_k() -> None:
    # Ranks 1 and 3 of two relevant: (1 + 1/2) / (1 + 1/log2(3)) = 1.5 / 1.63093.
    ranked = ["d1", "d5", "d2"]
    assert metrics.ndcg_at_k(ranked, {"d1", "d2"}, k=3) == pytest.approx(
        0.91972, abs=1e-5
    )
    assert metrics.ndcg_at_k(ranked, {"d1", "d2"}, k=1) == 1.0
    assert metrics.ndcg_at_k(["d1", "d1"], {"d1"}, k=2) == 1.0
    assert metrics.ndcg_at_k([], {"d1"}, k=2) == 0.0


@pytest.mark.parametrize(
    "metric", [metrics.recall_at_k, metrics.reciprocal_rank, metrics.ndcg_at_k]
)
def test_rankings_need_a_relevant_id(metric) -> None:
    k = () if metric is metrics.reciprocal_rank else (3,)
    with pytest.raises(ValueError, match="at least one relevant id"):
        metric(["d1"], set(), *k)


def test_rankings_agree_with_ir_measures() -> None:
    ir_measures = pytest.importorskip("ir_measures", reason="no wheel on Linux ARM")
    RR, R, nDCG = ir_measures.RR, ir_measures.R, ir_measures.nDCG
    draw = random.Random(11)
    ids = [f"d{i}" for i in range(30)]
    for k in (1, 4, 10):
        ranked = draw.sample(ids, draw.randint(1, 30))
        relevant = draw.sample(ids, draw.randint(1, 12))
        qrels = {"q": dict.fromkeys(relevant, 1)}
        run = {"q": {item: -float(rank) for rank, item in enumerate(ranked)}}
        theirs = ir_measures.calc_aggregate([R @ k, RR, nDCG @ k], qrels, run)
        assert metrics.recall_at_k(ranked, relevant, k) == pytest.approx(theirs[R @ k])
        assert metrics.reciprocal_rank(ranked, relevant) == pytest.approx(theirs[RR])
        assert metrics.ndcg_at_k(ranked, relevant, k) == pytest.approx(theirs[nDCG @ k])


@pytest.mark.parametrize(
    "text",
    [
        prompts.REFUSAL,
        prompts.DO_NOT_KNOW,
        "I don't know.",
        "The passages don\u2019t mention the oil.",
        "The provided context does not contain that information.",
        "Sorry, the documents do not say which crew.",
        "This is not stated in the passages.",
        "It cannot be determined from them.",
        "There is no information about this unit.",
        "Unknown",
    ],
)
def test_is_refusal(text: str) -> None:
    assert metrics.is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "2.4 MW [1]",
        "Do not open the valve. [2]",
        "The cause was unknown until the second visit.",
        "The crew did not know that the lock was open.",
        "No contact in the documents room, ask the crew lead.",
        "",
    ],
)
def test_is_no_refusal(text: str) -> None:
    assert not metrics.is_refusal(text)


def test_refusal_precision_recall() -> None:
    answers = [prompts.REFUSAL, "2.4 MW", prompts.REFUSAL, "P-417", prompts.REFUSAL]
    unanswerable = [True, True, False, False, True]
    scores = metrics.refusal_precision_recall(answers, unanswerable)
    assert scores == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    nothing = metrics.refusal_precision_recall(["2.4 MW"], [False])
    assert np.isnan(nothing.precision) and np.isnan(nothing.recall)
    with pytest.raises(ValueError):
        metrics.refusal_precision_recall(answers, unanswerable[:2])


def test_citations() -> None:
    assert metrics.cited_passages("2.4 MW [1][3], see [2, 10]") == {1, 2, 3, 10}
    assert metrics.cited_passages("2.4 MW (1), shelf [A]") == set()
    assert metrics.citation_precision("2.4 MW [1][3]", {1, 2}) == 0.5
    assert metrics.citation_precision("2.4 MW [2]", [2]) == 1.0
    assert metrics.citation_precision("2.4 MW", {1}) == 0.0


WORK_ORDER = """WORK ORDER
Unit: HM-07
Fault: F-2317
Start: 07:30
Duration: 90 minutes"""


def test_form_accuracy() -> None:
    assert metrics.form_accuracy(WORK_ORDER, WORK_ORDER) == 1.0
    given = "unit: HM-07 [1]\n\nFault: F-2318\nFault: F-2317\nStart:  07:30\nNote: none"
    assert metrics.form_accuracy(given, WORK_ORDER) == 2 / 4
    assert metrics.form_accuracy("", WORK_ORDER) == 0.0
    assert metrics.form_fields(WORK_ORDER)["start"] == "07:30"
    with pytest.raises(ValueError, match="Field: value"):
        metrics.form_accuracy(WORK_ORDER, "WORK ORDER")


def test_summary_coverage() -> None:
    text = "Unit HM-07 stood still for 14 hours; the crew changed the oil filter [2]."
    objects = ["HM-07", "14 hours", "an oil filter", "F-2317"]
    assert metrics.summary_coverage(text, objects) == 3 / 4
    assert metrics.summary_coverage("It took 114 hours.", ["14 hours"]) == 0.0
    with pytest.raises(ValueError, match="at least one object"):
        metrics.summary_coverage(text, [])


# How sure -----------------------------------------------------------------------------


def test_interval_reads_well() -> None:
    interval = metrics.Interval(0.42, 0.351, 0.489, 120)
    assert str(interval) == "0.42 [0.35, 0.49], n = 120"


def test_bootstrap_mean_by_hand() -> None:
    # The mean of two draws from 0 and 1 is 0, 0.5 or 1, in 1, 2 and 1 of 4 cases.
    assert metrics.bootstrap_mean([0, 1]) == metrics.Interval(0.5, 0.0, 1.0, 2)
    assert metrics.bootstrap_mean([True] * 9) == metrics.Interval(1.0, 1.0, 1.0, 9)
    # A fair coin, 400 times: 0.5 +- 1.96 * 0.5 / 20 = 0.451 to 0.549.
    coin = metrics.bootstrap_mean([0, 1] * 200)
    assert (coin.mean, coin.low, coin.high) == pytest.approx(
        (0.5, 0.451, 0.549), abs=0.003
    )


def test_bootstrap_is_the_same_for_the_same_seed() -> None:
    scores = np.random.default_rng(3).random(50)
    assert metrics.bootstrap_mean(scores, seed=1) == metrics.bootstrap_mean(
        scores, seed=1
    )
    assert metrics.bootstrap_mean(scores, seed=1) != metrics.bootstrap_mean(
        scores, seed=2
    )


def test_large_samples_are_resampled_in_batches() -> None:
    interval = metrics.bootstrap_mean(np.arange(30_001) % 2, n_resamples=150)
    assert interval.low < 0.5 < interval.high
    assert interval.n == 30_001


def test_bootstrap_agrees_with_scipy() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.random(80), rng.random(80) ** 2
    for ours, sample in (
        (metrics.bootstrap_mean(a), a),
        (metrics.paired_bootstrap(a, b), a - b),
    ):
        theirs = stats.bootstrap(
            (sample,), np.mean, method="percentile", n_resamples=10_000, rng=rng
        ).confidence_interval
        assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=0.004)


def test_paired_bootstrap_is_narrower_than_two_intervals() -> None:
    hardness = np.random.default_rng(1).random(100)
    difference = metrics.paired_bootstrap(hardness + 0.1, hardness)
    assert (difference.low, difference.high) == pytest.approx((0.1, 0.1))
    assert metrics.paired_bootstrap([0, 0], [1, 1]).mean == -1.0


def test_permutation_test_by_hand() -> None:
    # Five wins of five: only all kept and all swapped are as large, 2 of 32.
    assert metrics.permutation_test([1] * 5, [0] * 5) == pytest.approx(2 / 32, abs=0.01)
    # Thirds: rounding must not part equal sums.
    thirds = [1 / 3, 0.1 + 0.2, 1 / 3]
    assert metrics.permutation_test(thirds, [0] * 3) == pytest.approx(2 / 8, abs=0.02)
    assert metrics.permutation_test([1, 0, 1], [1, 0, 1]) == 1.0
    assert metrics.permutation_test([1] * 50, [0] * 50, n_resamples=999) == 1 / 1000


def test_permutation_test_agrees_with_scipy() -> None:
    rng = np.random.default_rng(9)
    a, b = rng.integers(0, 2, 40), rng.integers(0, 2, 40) * rng.integers(0, 2, 40)
    theirs = stats.permutation_test(
        (a, b),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=10_000,
        rng=rng,
    ).pvalue
    assert metrics.permutation_test(a, b) == pytest.approx(theirs, abs=0.02)


@pytest.mark.parametrize("scores", [[], [0.5, float("nan")], [[0.5, 1.0]]])
def test_scores_are_checked(scores) -> None:
    with pytest.raises(ValueError, match="one finite number a question"):
        metrics.bootstrap_mean(scores)


@pytest.mark.parametrize(
    "compare", [metrics.paired_bootstrap, metrics.permutation_test]
)
def test_pairs_are_checked(compare) -> None:
    with pytest.raises(ValueError, match="2 and 1 scores"):
        compare([1.0, 0.0], [1.0])


def test_compare_says_what_an_interval_allows() -> None:
    n = 40
    scores = {
        "naive": [0.0, 1.0] * n,
        "good": [1.0, 1.0] * n,
        "bad": [0.0, 0.0] * n,
        "same": [1.0, 0.0] * n,
    }
    rows = {row.name: row for row in metrics.compare(scores, "naive")}
    assert rows["naive"].difference is None
    assert {name: row.verdict for name, row in rows.items()} == {
        "naive": "baseline",
        "good": "better",
        "bad": "worse",
        "same": "not distinguishable",
    }
    assert rows["good"].difference.mean == 0.5 and rows["good"].mean.mean == 1.0
    with pytest.raises(ValueError, match="no scores of 'dense'"):
        metrics.compare(scores, "dense")
