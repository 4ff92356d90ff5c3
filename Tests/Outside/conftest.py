"""What the tests of the built program share."""

import tempfile
from pathlib import Path

import pytest
from running import remove


@pytest.fixture(scope="module")
def make_folder():
    """Folders that PostgreSQL's own user may enter, with a blank in their names."""
    made = []

    def make(mode=0o755):
        folder = Path(tempfile.mkdtemp(prefix="aikatori var "))
        folder.chmod(mode)
        made.append(folder)
        return folder

    yield make
    for folder in made:
        remove(folder)
