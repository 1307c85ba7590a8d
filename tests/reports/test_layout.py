"""What is laid out can be read back: text, pages, fonts, pictures."""

import io
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from app.reports.pdf.content import Check, Fact, Gallery, Grid, Picture, PublicNote, Report, SectionBlock, Signature
from app.reports.pdf.fonts import coverage, runs, typeface
from app.reports.pdf.layout import report_bytes
from app.reports.pdf.pictures import LONGEST_SIDE, picture

HARD = "囍镕堃犇喆鑫淼骉龘 ①②③ ㎡ ℃ ½ 繁體 Ünïcode — “”…￥"


def report(locale: str = "zh_Hans", **more: Any) -> Report:
    filled = {
        "company": "测试电器", "title": "维修服务单", "number": "WX-20261121-0001", "code": "https://example.com/t/1",
        "subject": "空调不制冷", "facts": (Fact("状态", "已完成"),), "sections": (),
    } | more  # fmt: skip
    return Report(locale=locale, **filled)  # type: ignore[arg-type]


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(pdf).pages)


def fonts(pdf: bytes) -> list[Any]:
    found = {}
    for page in read(pdf).pages:
        for name, font in page["/Resources"]["/Font"].items():
            found[name] = font.get_object()
    return list(found.values())


@pytest.mark.parametrize(
    ("locale", "family"), [("zh_Hans", "GongdanSansSC"), ("zh_Hant", "GongdanSansTC"), ("en", "GongdanSansSC")]
)
def test_a_hard_sample_misses_no_glyph_and_its_fonts_are_embedded(locale: str, family: str):
    pdf = report_bytes(report(locale, facts=(Fact("样本", HARD),)))
    assert HARD.replace(" ", "") in text(pdf).replace(" ", "").replace("\n", "")
    assert all(ord(one) in coverage(typeface(locale).regular[0]) for one in HARD)
    embedded = [font for font in fonts(pdf) if family in font["/BaseFont"]]
    assert embedded
    assert all("/FontFile2" in font["/FontDescriptor"] for font in embedded)


def test_fonts_cover_what_the_standards_hold():
    for codec, font in (("gb2312", "GongdanSansSC-Regular"), ("big5", "GongdanSansTC-Regular"),
                        ("gb2312", "GongdanSansSC-Bold"), ("big5", "GongdanSansTC-Bold")):  # fmt: skip
        missing = []
        for code in range(0x4E00, 0xA000):
            try:
                chr(code).encode(codec)
            except UnicodeEncodeError:
                continue
            if code not in coverage(font):
                missing.append(chr(code))
        assert missing == [], font


def test_simplified_and_traditional_have_their_own_forms():
    chains = [typeface(locale).regular for locale in ("zh_Hans", "zh_Hant")]
    assert chains[0] != chains[1]
    assert report_bytes(report("zh_Hans", subject="骨角")) != report_bytes(report("zh_Hant", subject="骨角"))


def test_a_missing_glyph_shows_as_a_box_and_the_invisible_is_left_out():
    chain = typeface("zh_Hans").regular
    assert runs("a😀\u202eb\u200b\x07한", chain) == [(chain[0], "a"), (chain[0], "□"), (chain[0], "b"), (chain[0], "□")]
    assert runs("", chain) == []
    bold = typeface("zh_Hant").bold
    assert [font for font, _part in runs("電电龘", bold)] == [
        "GongdanSansTC-Bold",
        "GongdanSansSC-Bold",
        "GongdanSansTC-Bold",
    ]


@pytest.mark.parametrize("value", [
    "<b>粗</b> & <script>alert(1)</script> <font color=red>x</font> </para> &amp; <br/>",
    "<", "&#x41;", "]]>", "<img src='/etc/passwd'/>",
])  # fmt: skip
def test_markup_prints_as_it_is(value: str):
    section = SectionBlock(
        "一", (Fact("a", value), Fact("b", value, wide=True), Grid("g", ("h" + value,), ((value,),)))
    )
    pdf = report_bytes(report(sections=(section,), notes=(PublicNote(value, value),), footer=value, subject=value))
    assert text(pdf).replace("\n", "").replace(" ", "").count(value.replace(" ", "")) >= 6


def test_the_same_report_gives_the_same_bytes():
    assert report_bytes(report()) == report_bytes(report())


def test_pages_are_counted_and_carry_the_number():
    section = SectionBlock("处理", (Fact("说明", "很长的处理说明。" * 900, wide=True),))
    pdf = report_bytes(report(sections=(section,)))
    pages = read(pdf).pages
    assert len(pages) >= 2
    for number, page in enumerate(pages, 1):
        words = page.extract_text()
        assert f"{number}" in words
        assert f"{len(pages)}" in words
        assert "WX-20261121-0001" in words
    assert pages[0].mediabox.width == pytest.approx(595.3, abs=0.5)
    assert read(pdf).metadata.title == "维修服务单 WX-20261121-0001"  # type: ignore[union-attr]


def test_everything_a_report_may_hold(tmp_path: Path):
    Image.new("RGB", (3000, 2000), "teal").save(tmp_path / "a.jpg")
    Image.new("RGBA", (300, 100), (0, 0, 0, 0)).save(tmp_path / "s.png")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    pictures = tuple(Picture(tmp_path / name, f"{name} 说明") for name in ("a.jpg", "broken.jpg", "a.jpg", "gone.jpg"))
    parts = (
        Gallery("照片", pictures),
        Grid("备件", ("名称", "数量"), (("排水泵", "2"),), frozenset({1})),
        Fact("费用", "¥12.00"),
    )
    pdf = report_bytes(
        report(
            "en",
            sections=(SectionBlock("Work", parts), SectionBlock("Empty", ())),
            checklist=(Check("试机", "2026-11-21 17:50"), Check("清理", "")),
            notes=(PublicNote("2026-11-21 王", "第一行\n第二行"),),
            signatures=(Signature("客户", Picture(tmp_path / "s.png", "s")), Signature("师傅", None)),
            footer="谢谢", printed="Printed 2026-11-21 18:00",
        )
    )  # fmt: skip
    words = text(pdf)
    shown = "照片|a.jpg 说明|This picture cannot be shown.|排水泵|¥12.00|Not done|17:50|第二行|客户|谢谢|Printed"
    for expected in shown.split("|"):
        assert expected in words
    assert len(pdf) < 400_000


def test_photos_are_turned_as_the_camera_says_and_scaled_down(tmp_path: Path):
    image = Image.new("RGB", (4000, 1000), "white")
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "x.jpg", exif=exif)
    shown = picture(tmp_path / "x.jpg", 100, 400)
    assert shown is not None
    assert (round(shown.drawWidth), round(shown.drawHeight)) == (100, 400)
    assert max(shown.imageWidth, shown.imageHeight) <= LONGEST_SIDE


def test_a_picture_bomb_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    Image.new("RGB", (200, 200)).save(tmp_path / "x.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert picture(tmp_path / "x.png", 10, 10) is None


@pytest.mark.parametrize("value", ["x" * 5000, "字" * 30_000, "line\n" * 500, "a " * 400, "", "\n\n", "🙂" * 100])
def test_any_text_fits_somewhere(value: str):
    section = SectionBlock(
        value[:200] or "t",
        (Fact(value[:80], value), Fact("w", value, wide=True), Grid("g", ("a", "b"), ((value, "1"),))),
    )
    assert report_bytes(
        report(company=value[:300], title=value[:200] or "t", sections=(section,), footer=value)
    ).startswith(b"%PDF")


def test_a_large_table_takes_seconds_not_minutes():
    rows = tuple((f"备件 {n}", str(n), "1.00") for n in range(2_000))
    began = time.process_time()
    pdf = report_bytes(report(sections=(SectionBlock("s", (Grid("g", ("名称", "数量", "单价"), rows),)),)))
    assert time.process_time() - began < 30
    assert "备件 1999" in read(pdf).pages[-1].extract_text() + read(pdf).pages[-2].extract_text()
