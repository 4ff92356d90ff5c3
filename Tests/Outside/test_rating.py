"""The program's prices against the oracle's, on random contracts and visits.

A seed says which; AIKATORI_SEED repeats it, and a failure prints it with the pair that differs.
"""

import json
import os
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from random_contracts import contract_of, question_of
from rating_oracle import answer
from running import ROOT, run, said

CONTRACTS = 250
QUESTIONS = 80
SEED = int(os.environ.get("AIKATORI_SEED", "20270328"))


def readable(value):
    return json.dumps(value, ensure_ascii=False, indent=2)


def priced(folder, contract, questions):
    """The program's answer to each question, in their order."""
    file, visits = folder / "contract.json", folder / "visits.jsonl"
    file.write_text(json.dumps(contract, ensure_ascii=False), encoding="utf-8")
    visits.write_text("".join(json.dumps(question) + "\n" for question in questions))
    process = run(folder, "contract", "price", str(file), "--visits", str(visits))
    assert process.returncode == 0, f"{said(process)}\n{readable(contract)}"
    return [json.loads(line) for line in process.stdout.splitlines()]


def disagreements(folder, number):
    """Random questions on the random contract of this number, and where the two differ."""
    chance = random.Random(f"{SEED} {number}")
    contract = contract_of(chance)
    questions = [question_of(chance, contract) for _ in range(QUESTIONS)]
    contract["worked_examples"] = [{
        "title": "A visit of this contract", **questions[0], **answer(contract, questions[0])}]
    place = folder / str(number)
    place.mkdir()
    found = priced(place, contract, questions)
    assert len(found) == len(questions)
    for question, program in zip(questions, found, strict=True):
        oracle = answer(contract, question)
        if program != oracle:
            pair = {**contract, "worked_examples": [{"title": "It differs", **question, **oracle}]}
            yield f"seed {SEED}, contract {number}\n{readable(pair)}\nprogram: {readable(program)}"


def test_program_and_oracle_agree_on_random_visits(tmp_path):
    assert CONTRACTS * QUESTIONS >= 20_000
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        found = threads.map(lambda number: list(disagreements(tmp_path, number)), range(CONTRACTS))
        differing = [text for texts in found for text in texts]
    assert not differing, f"{len(differing)} pairs differ; the first:\n{differing[0]}"


@pytest.mark.parametrize(
    "file", sorted((ROOT / "contracts/v1/examples/valid").glob("*.json")), ids=lambda f: f.stem)
def test_program_and_oracle_agree_on_worked_examples(tmp_path, file):
    contract = json.loads(file.read_text(encoding="utf-8"))
    questions = [
        {name: example[name] for name in ["service", "visit", "period"] if name in example}
        for example in contract["worked_examples"]]
    expected = [answer(contract, question) for question in questions]
    assert priced(tmp_path, contract, questions) == expected
