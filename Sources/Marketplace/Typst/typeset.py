"""Sets an invoice as PDF/A-3b with its UBL document attached.

Standard input: {"template", "words", "invoice", "name", "ubl", "at"}, the first four and the last
as texts, the fifth in base64; standard output: the PDF. The same input gives the same bytes: no
fonts of the machine are used, and the only time is the one that is given. Needs typst (PyPI).
"""

import base64
import json
import sys
import tempfile
from pathlib import Path

import typst


def main():
    given = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="aikatori-pdf-") as folder:
        root = Path(folder)
        (root / "invoice.typ").write_text(given["template"], encoding="utf-8")
        (root / "words.json").write_text(given["words"], encoding="utf-8")
        (root / "invoice.json").write_text(given["invoice"], encoding="utf-8")
        (root / "invoice.xml").write_bytes(base64.b64decode(given["ubl"], validate=True))
        pdf = typst.compile(
            str(root / "invoice.typ"), root=folder, format="pdf", ignore_system_fonts=True,
            pdf_standards=["a-3b"], timestamp=given["at"])
    sys.stdout.buffer.write(pdf)


main()
