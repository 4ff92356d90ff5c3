"""Contracts as files: checked, and started from a template, without a server."""

import json

import pytest
from running import ROOT, run, said

EXAMPLES = ROOT / "contracts" / "v1" / "examples"


@pytest.mark.parametrize("file", sorted((EXAMPLES / "valid").glob("*.json")), ids=lambda f: f.stem)
def test_contract_check_passes(tmp_path, file):
    checked = run(tmp_path, "contract", "check", str(file))
    assert checked.returncode == 0, said(checked)
    count = len(json.loads(file.read_text())["worked_examples"])
    assert f"{count} of {count} worked examples hold." in checked.stdout


@pytest.mark.parametrize(
    ("name", "pointer"),
    [
        ("example_differs", "example_differs at /worked_examples/0"),
        ("iban", "iban at /seller/iban"),
        ("duplicate_key", "duplicate_key at "),
        ("template_unfilled", "template_unfilled at /template"),
    ])
def test_contract_check_names_the_place(tmp_path, name, pointer):
    refused = run(tmp_path, "contract", "check", str(EXAMPLES / "invalid" / f"{name}.json"))
    assert refused.returncode == 1
    assert pointer in refused.stdout


def test_contract_templates(tmp_path):
    listed = run(tmp_path, "contract", "templates").stdout.splitlines()
    for name in (line.split()[0] for line in listed):
        printed = run(tmp_path, "contract", "templates", name)
        file = ROOT / "contracts" / "v1" / "templates" / f"{name}.json"
        assert printed.stdout == file.read_text(encoding="utf-8")
    assert len(listed) == len(list((ROOT / "contracts/v1/templates").glob("*.json")))
    assert run(tmp_path, "contract", "templates", "none").returncode == 64


@pytest.mark.parametrize(
    ("language", "title"), [("fi", "Psykologin käyntisarja"), ("sv", "Psykologs besöksserie")])
def test_contract_templates_in_a_language(tmp_path, language, title):
    listed = run(tmp_path, "contract", "templates", "--language", language).stdout
    assert f"psychologist-series  {title}\n" in listed
    printed = run(tmp_path, "contract", "templates", "psychologist-series", "--language", language)
    template = json.loads(printed.stdout)
    texts = json.loads(
        (ROOT / "contracts/v1/templates/texts" / f"{language}.json").read_text(encoding="utf-8"))
    assert template["title"] == title == texts["psychologist-series"]["/title"]
    # filled in, it is a contract whose examples hold
    example = json.loads((EXAMPLES / "valid" / "psychologist-series.json").read_text())
    del template["template"]
    contract = template | {key: example[key] for key in ("seller", "buyer", "validity")}
    contract["billing"]["buyer_reference"] = "HC-1"
    (tmp_path / "contract.json").write_text(json.dumps(contract), encoding="utf-8")
    checked = run(tmp_path, "contract", "check", str(tmp_path / "contract.json"))
    assert checked.returncode == 0, said(checked)
    assert checked.stdout.startswith(title)
    assert run(tmp_path, "contract", "templates", "--language", "de").returncode == 64
