"""Build the TrueType fonts of the service report from Debian's Noto Sans CJK (`fonts-noto-cjk`).

reportlab embeds TrueType outlines only, and Noto CJK ships PostScript ones: so the glyphs we need are cut out of
the collection, their cubic curves redrawn as quadratic ones, and the result is saved under a name of its own, as
the SIL Open Font License asks. The output is committed; run this again only to change what is covered:

    python -m app.reports.pdf.build_fonts /usr/share/fonts/opentype/noto app/reports/pdf/fonts
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

#: Largest distance between a cubic curve and its quadratic redrawing, in units of 1000 per em.
MAX_ERROR: Final = 1.0

#: Letters and signs every weight has: Latin, Greek, Cyrillic, punctuation, arrows, enclosed numbers, squared units.
SIGNS: Final = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x192, 0x192), (0x2C6, 0x2DD), (0x391, 0x3C9), (0x400, 0x45F), (0x2010, 0x205E),
    (0x2070, 0x209C), (0x20A0, 0x20BF), (0x2100, 0x218B), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2300, 0x23FF),
    (0x2460, 0x24FF), (0x2500, 0x257F), (0x2580, 0x25FF), (0x2600, 0x26FF), (0x2700, 0x27BF), (0x2E80, 0x2FDF),
    (0x2FF0, 0x303F), (0x3041, 0x30FF), (0x3105, 0x312F), (0x31A0, 0x31BF), (0x3200, 0x33FF), (0xFE10, 0xFE6F),
    (0xFF01, 0xFFEE),
)  # fmt: skip
#: All of the unified ideographs but for the rarest: GB2312, GBK, Big5 and the simplified forms of names among them.
IDEOGRAPHS: Final = ((0x4E00, 0x9FFF), (0xF900, 0xFAFF))
#: The rarest, which stand in names of people and places: extensions A to H, as far as the source has them.
RARE_IDEOGRAPHS: Final = ((0x3400, 0x4DBF), (0x20000, 0x323AF))
#: Letters of European and Vietnamese names beyond the common ones.
RARE_LETTERS: Final = ((0x180, 0x24F), (0x1E00, 0x1EFF))


def _codes(ranges: Iterable[tuple[int, int]]) -> frozenset[int]:
    return frozenset(code for first, last in ranges for code in range(first, last + 1))


REGULAR: Final = _codes((*SIGNS, *IDEOGRAPHS))
RARE: Final = _codes((*RARE_LETTERS, *RARE_IDEOGRAPHS)) - REGULAR


def _encodable(codec: str) -> Iterator[int]:
    for code in range(0x4E00, 0xA000):
        try:
            chr(code).encode(codec)
        except UnicodeEncodeError:
            continue
        yield code


#: Bold is for headings: what the national standards of either script hold.
BOLD: Final = _codes(SIGNS)
BOLD_SC: Final = BOLD | frozenset(_encodable("gb2312"))
BOLD_TC: Final = BOLD | frozenset(_encodable("big5"))


@dataclass(frozen=True, slots=True)
class Cut:
    """One font to make: from a face of a collection to a file of ours."""

    face: str
    collection: str
    family: str
    style: str
    codes: frozenset[int]

    @property
    def filename(self) -> str:
        """Return the name of our file."""
        return f"{self.family.replace(' ', '')}-{self.style}.ttf"


FONTS: Final = (
    Cut("Noto Sans CJK SC", "NotoSansCJK-Regular.ttc", "Gongdan Sans SC", "Regular", REGULAR),
    Cut("Noto Sans CJK TC", "NotoSansCJK-Regular.ttc", "Gongdan Sans TC", "Regular", REGULAR),
    Cut("Noto Sans CJK SC", "NotoSansCJK-Bold.ttc", "Gongdan Sans SC", "Bold", BOLD_SC),
    Cut("Noto Sans CJK TC", "NotoSansCJK-Bold.ttc", "Gongdan Sans TC", "Bold", BOLD_TC),
    Cut("Noto Sans CJK SC", "NotoSansCJK-Regular.ttc", "Gongdan Sans Rare", "Regular", RARE),
)


def build(cut: Cut, source: Path, target: Path) -> None:
    """Write one subset as a TrueType font into the folder ``target``."""
    faces = TTCollection(source / cut.collection, lazy=True).fonts
    font = next(one for one in faces if one["name"].getDebugName(4).startswith(cut.face))
    options = Options(layout_features=[], name_IDs=[0, 13, 14], notdef_outline=True, hinting=False, glyph_names=False)
    options.drop_tables += ["BASE", "GSUB", "GPOS", "GDEF", "VORG", "vhea", "vmtx", "DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=cut.codes & set(font.getBestCmap()))
    subsetter.subset(font)
    _redraw(font)
    _rename(font, cut)
    # One mapping, of the one format every reader knows for its planes; the build must not tell when it was made.
    codes = font.getBestCmap()
    first_plane = max(codes) <= 0xFFFF  # noqa: PLR2004 - the end of the first plane
    mapping = CmapSubtable.newSubtable(4 if first_plane else 12)
    mapping.platformID, mapping.platEncID, mapping.language = 3, 1 if first_plane else 10, 0
    if not first_plane:
        mapping.format, mapping.reserved, mapping.length, mapping.nGroups = 12, 0, 0, 0
    mapping.cmap = codes
    font["cmap"].tables = [mapping]
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    font.save(target / cut.filename)


def _redraw(font: TTFont) -> None:
    """Replace the PostScript outlines by quadratic ones."""
    order = font.getGlyphOrder()
    source = font.getGlyphSet()
    glyphs: dict[str, Any] = {}
    for name in order:
        pen = TTGlyphPen(None)
        source[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    table = font["glyf"] = newTable("glyf")
    font["loca"] = newTable("loca")
    table.glyphOrder, table.glyphs = order, glyphs
    del font["CFF "]
    for name in order:
        glyphs[name].recalcBounds(table)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyphs[name], "xMin", 0))
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for count in (
        "maxZones",
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
        "maxPoints",
        "maxContours",
        "maxCompositePoints",
        "maxCompositeContours",
        "maxComponentDepth",
    ):
        setattr(maxp, count, 1 if count == "maxZones" else 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\000\001\000\000"


def _rename(font: TTFont, cut: Cut) -> None:
    """Give the font a name of its own: the licence asks it of a changed version."""
    full = f"{cut.family} {cut.style}"
    names = {1: cut.family, 2: cut.style, 3: full, 4: full, 6: cut.filename.removesuffix(".ttf")}
    for record, text in names.items():
        font["name"].setName(text, record, 3, 1, 0x409)


def main() -> None:
    """Build all fonts: ``SOURCE_FOLDER TARGET_FOLDER``."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    for cut in FONTS:
        build(cut, source, target)
        sys.stdout.write(f"{cut.filename}: {(target / cut.filename).stat().st_size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
