"""Settings: every one is told, and one that cannot be is refused before anything is started."""

import re
import secrets
from base64 import b64encode

import pytest
from running import ROOT, run


def settings_in_document():
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)


def test_help_lists_every_setting(tmp_path):
    shown = run(tmp_path, "serve", "--help")
    assert shown.returncode == 0
    documented = settings_in_document()
    assert len(documented) > 10
    assert set(re.findall(r"^ *([A-Z]+_[A-Z_]+)$", shown.stdout, re.MULTILINE)) == set(documented)


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("AIKATORI_PORT", "eighty", "from 0 to 65535"),
        ("AIKATORI_PORT", "65536", "from 0 to 65535"),
        ("AIKATORI_REQUEST_DEADLINE", "15", "a time from 1s to 10m"),
        ("AIKATORI_IDLE_TIMEOUT", "0s", "a time from 1s to 1h"),
        ("AIKATORI_DRAIN", "forever", "a time from 0s to 10m"),
        ("AIKATORI_LOG_LEVEL", "loud", "trace, debug, info"),
        ("AIKATORI_POOL_CONNECTIONS", "0", "from 1 to 200"),
        ("AIKATORI_PIPELINE_CONNECTIONS", "-1", "from 1 to 64"),
        ("AIKATORI_MASTER_KEY", "c2hvcnQ=", "32 bytes in base64"),
    ])
def test_bad_setting(tmp_path, name, value, form):
    refused = run(tmp_path, "serve", **{name: value})
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert name in refused.stderr and form in refused.stderr
    assert (value in refused.stderr) == (name != "AIKATORI_MASTER_KEY")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# fine\n\nAIKATORI_PROT=1\n", ":3: AIKATORI_PROT is no setting"),
        ("AIKATORI_PORT 1\n", ":1: a line must be KEY=VALUE"),
        ("AIKATORI_PORT=1\nAIKATORI_PORT=2\n", ":2: AIKATORI_PORT is there twice"),
        ("AIKATORI_DRAIN=\"long\"\n", ":1: AIKATORI_DRAIN is \"long\", and must be"),
    ])
def test_bad_file(tmp_path, text, said):
    file = tmp_path / "settings"
    file.write_text(text)
    refused = run(tmp_path, "serve", "--config", str(file))
    assert refused.returncode == 1
    assert f"{file}{said}" in refused.stderr


def test_the_usual_file(tmp_path):
    (tmp_path / "aikatori.conf").write_text("AIKATORI_PORT=http\n")
    refused = run(tmp_path, "serve", AIKATORI_PORT="")
    assert refused.returncode == 1
    assert f"{tmp_path}/aikatori.conf:1: AIKATORI_PORT" in refused.stderr
    missing = run(tmp_path, "serve", "--config", str(tmp_path / "none"))
    assert missing.returncode == 1
    assert f"{tmp_path}/none cannot be read" in missing.stderr


def test_a_key_that_others_can_read(tmp_path):
    file = tmp_path / "key"
    file.write_text(b64encode(secrets.token_bytes(32)).decode())
    file.chmod(0o644)
    refused = run(
        tmp_path, "serve", DATABASE_URL="host=/none", AIKATORI_MASTER_KEY_FILE=str(file))
    assert refused.returncode == 1
    assert f"{file} must be" in refused.stderr and "chmod 600" in refused.stderr


def test_commands_without_a_database(tmp_path):
    for arguments in (["verify"], ["clock"]):
        refused = run(tmp_path / "none", *arguments)
        assert refused.returncode == 1
        assert "run `aikatori serve` once" in refused.stderr
    refused = run(tmp_path, "migrate")
    assert refused.returncode == 1 and "MIGRATION_DATABASE_URL" in refused.stderr
