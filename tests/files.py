"""Files as people have them, made of bytes: Word, PDF with text, PDF as a scan."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
# As a German Word writes it: the id of the style is not its name.
_STYLES = (
    f'<w:styles {_W}><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/>'
    "</w:style></w:styles>"
)


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def heading(text: str) -> str:
    return paragraph(text, '<w:pStyle w:val="berschrift1"/>')


def table(rows: Sequence[Sequence[str]]) -> str:
    cells = ["".join(f"<w:tc>{paragraph(c)}</w:tc>" for c in row) for row in rows]
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def write_docx(path: Path, *blocks: str, **parts: str) -> None:
    document = f"<w:document {_W}><w:body>{''.join(blocks)}</w:body></w:document>"
    parts = {"document": document, "styles": _STYLES} | parts
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            archive.writestr(f"word/{name}.xml", xml)


def write_pdf(path: Path, *pages: str | None) -> None:
    """A page of text each; None is a page that is an image, as a scanner makes it."""
    pixel = "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8"
    image = f"{pixel} /ColorSpace /DeviceGray /Length 1 >>\nstream\nx\nendstream"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    resources = "<< /Font << /F 3 0 R >> /XObject << /I 4 0 R >> >>"
    numbers = range(5, 5 + 2 * len(pages), 2)
    kids = " ".join(f"{n} 0 R" for n in numbers)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        font,
        image,
    ]
    for number, text in zip(numbers, pages, strict=True):
        shown = "/I Do" if text is None else f"BT /F 12 Tf 20 700 Td ({text}) Tj ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources {resources} /Contents {number + 1} 0 R >>",
            f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream",
        ]
    path.write_bytes(_assemble(objects))


def _assemble(objects: Sequence[str]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{rows}trailer\n"
    tail += f"<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + tail.encode()
