"""Small office files of every kind, made byte by byte: what a program would write, and what an attacker would."""

import io
import zipfile
import zlib
from xml.sax.saxutils import escape

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in (("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"))
)
STYLES = (
    f'<w:styles {W}><w:style w:styleId="Titre1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="Mien"><w:name w:val="Mien"/><w:basedOn w:val="Titre1"/></w:style>'
    '<w:style w:styleId="Plan"><w:name w:val="Plan"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    '<w:style w:styleId="TM1"><w:name w:val="toc 1"/></w:style></w:styles>'
)


def zipped(parts, *, first=()):
    """A ZIP archive of ``parts`` (name -> text or bytes); those of ``first`` are stored at its head."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in first:
            archive.writestr(name, content, zipfile.ZIP_STORED)
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def paragraph(text, style="", more=""):
    """A paragraph of a Word document."""
    said = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f'<w:p><w:pPr>{said}{more}</w:pPr><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def docx(body, **parts):
    """A Word document: ``body`` is XML; ``parts`` by the name of their file without folder and suffix."""
    files = {"[Content_Types].xml": "<Types/>", "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>"}
    files["word/styles.xml"] = STYLES
    for name, content in parts.items():
        files["docProps/core.xml" if name == "core" else f"word/{name}.xml"] = content
    return zipped(files)


def odt(body, **parts):
    """An OpenDocument text: ``body`` is XML inside ``office:text``."""
    content = f"<office:document-content {_ODF}><office:body><office:text>{body}</office:text></office:body>"
    content += "</office:document-content>"
    files = {"content.xml": content, **{f"{name.replace('_', '/')}.xml": part for name, part in parts.items()}}
    return zipped(files, first=[("mimetype", "application/vnd.oasis.opendocument.text")])


def pdf(pages, *, title="", scanned=False, locked=False):
    """A PDF of ``pages``: each a list of lines, a line a text or (text, size in points), set in Helvetica from the top."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    picture = "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
    picture += "\nstream\n0\nendstream"
    objects += [f"<< /Title ({title}) >>", picture]
    kids = []
    for lines in pages:
        drawn = "q 500 0 0 700 50 50 cm /I Do Q\n" if scanned else ""
        y = 800.0
        for line in lines:
            text, size = line if isinstance(line, tuple) else (line, 11)
            y -= 1.3 * size
            text = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            drawn += f"BT /F {size} Tf 1 0 0 1 50 {y:.1f} Tm ({text}) Tj ET\n"
        stream = drawn.encode("cp1252").decode("latin-1")
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        resources = "<< /Font << /F 3 0 R >> /XObject << /I 5 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources {resources} /Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    key = "<" + "41" * 32 + ">"
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O {key} /U {key} /P -4 >> /ID [{key} {key}]" if locked else ""
    return _written(objects, f"/Root 1 0 R /Info 4 0 R {lock}")


def _written(objects, trailer):
    raw, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(raw))
        raw += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} {trailer} >>\n"
    end += f"startxref\n{len(raw)}\n%%EOF\n"
    return raw + end.encode("latin-1")


def packed_stream_pdf(stream):
    """A PDF of one page whose drawing is ``stream``, compressed."""
    packed = zlib.compress(stream, 9)
    raw = pdf([[]])
    old = b"<< /Length 0 >>\nstream\n\nendstream"
    assert old in raw
    return raw.replace(old, b"<< /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream" % (len(packed), packed))
