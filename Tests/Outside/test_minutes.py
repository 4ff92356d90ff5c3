"""The fold of a visit's observations against the oracle's, on random visits.

The tests in Swift write them to .build/outside/folds, each with what the program makes of it.
"""

import copy
import json

import pytest
from minutes_oracle import SECOND, answer
from running import ROOT


@pytest.fixture(scope="module")
def folds():
    lines = (ROOT / ".build/outside/folds/folds.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_program_and_oracle_agree(folds):
    assert len(folds) >= 2_000
    differing = [fold for fold in folds if answer(fold) != fold["answer"]]
    shown = json.dumps(
        [(fold, answer(fold)) for fold in differing[:1]], ensure_ascii=False, indent=1)
    assert not differing, f"{len(differing)} of {len(folds)} differ; the first:\n{shown}"


def test_the_visits_are_of_all_kinds(folds):
    """So that the comparison means something."""
    kinds = {
        "a gap that counts": lambda fold: len(fold["answer"]["intervals"]) > 1,
        "nobody met": lambda fold: fold["answer"]["seconds"] == 0,
        "cut": lambda fold: fold["answer"]["cut_seconds"] > 0,
        "one identifier twice": lambda fold: sum(
            fact["id"] == "same" for fact in fold["facts"]) > 1,
        "by telephone": lambda fold: {
            fact["side"] for fact in fold["facts"] if fact["kind"] == "word"
        } == {"seller", "buyer"},
    }
    for kind, is_one in kinds.items():
        assert sum(map(is_one, folds)) > 50, kind


def test_another_rule_is_found(folds):
    """An oracle that agreed with anything would be worth nothing."""
    def changed(fold, change):
        other = copy.deepcopy(fold)
        change(other)
        return answer(other) != fold["answer"]

    def less_grace(fold):
        fold["grace_seconds"] = 0

    def no_next(fold):
        fold["next"] = None

    def no_words(fold):
        fold["facts"] = [fact for fact in fold["facts"] if fact["kind"] != "word"]

    def no_leaves(fold):
        fold["facts"] = [fact for fact in fold["facts"] if fact["kind"] != "leave"]

    def later(fold):
        fold["window"][0] += 900 * SECOND

    for change in (less_grace, no_next, no_words, no_leaves, later):
        assert sum(changed(fold, change) for fold in folds[:300]) > 10, change.__name__
