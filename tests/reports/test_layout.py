"""What is laid out can be read back: text, pages, fonts, pictures."""

import io
import re
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from app.reports.pdf.breaking import broken, fitting, measured
from app.reports.pdf.content import (
    Card,
    Check,
    Fact,
    Gallery,
    Grid,
    Letterhead,
    Picture,
    PublicNote,
    Report,
    SectionBlock,
    Signature,
)
from app.reports.pdf.fonts import coverage, is_drawn, runs, typeface
from app.reports.pdf.layout import report_bytes
from app.reports.pdf.pictures import LONGEST_SIDE, picture
from app.reports.pdf.text import BODY, prepared

HARD = "囍镕堃犇喆鑫淼骉龘 ①②③ ㎡ ℃ ½ 繁體 Ünïcode — “”…￥"


def report(locale: str = "zh_Hans", **more: Any) -> Report:
    filled = {
        "company": Letterhead("测试电器"), "title": "维修服务单", "number": "WX-20261121-0001", "code": "https://example.com/t/1",
        "subject": "空调不制冷", "cards": (Card("服务", (Fact("状态", "已完成"),)),), "sections": (),
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
    pdf = report_bytes(report(locale, cards=(Card("样本", (Fact("样本", HARD),)),)))
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


def test_each_character_is_drawn_by_the_first_font_that_has_it():
    chain = typeface("zh_Hans").regular
    assert runs("", chain) == []
    assert runs("a\u9f98b", chain) == [(chain[0], "a龘b")]
    assert runs("王䶮𠮷", chain) == [(chain[0], "王"), ("GongdanSansRare-Regular", "䶮𠮷")]
    bold = typeface("zh_Hant").bold
    assert [font for font, _part in runs("電电龘", bold)] == [
        "GongdanSansTC-Bold",
        "GongdanSansSC-Bold",
        "GongdanSansTC-Bold",
    ]


@pytest.mark.parametrize(("typed", "printed"), [
    ("修好了👍", "修好了[thumbs up]"), ("🙏🙏🙏", "[thank you]×3"), ("✅ 已试机 ❌", "√ 已试机 ×"), ("🇨🇳", "CN"),
    ("👨‍👩‍👧 来", "[man][woman][girl] 来"), ("👍🏽", "[thumbs up]"), ("1️⃣", "1"),
    ("a\u202eb\u200b\x07한c", "ab[Hangul]c"),
    ("السلام عليكم 王", "[Arabic] 王"), ("שלום, 你好", "[Hebrew], 你好"), ("𝐀𝟙", "A1"), ("Nguyễn ⁿ̈", "Nguyễn n"),
    ("\ue000\U0010ffff", ""), ("℀\u0301", "℀"),
])  # fmt: skip
def test_what_no_font_has_is_said_in_words(typed: str, printed: str):
    shown = prepared(typed, BODY, "en")
    assert shown == printed
    assert all(is_drawn(one, typeface("en").regular) for one in shown)


def test_no_box_is_ever_printed():
    pdf = report_bytes(report(subject="👍 سلام 䶮 \ue123", footer="🙏", title="服务单 ☃🎄"))
    assert "□" not in text(pdf)
    assert "Arabic" in text(pdf)


def lines(typed: str, width: float) -> list[str]:
    chain = typeface("zh_Hans").regular
    found = broken(typed, chain, 10, width)
    assert all(measured("".join(part for _font, part in pieces), chain, 10) <= width + 0.01 for pieces, _width in found)
    return ["".join(part for _font, part in pieces) for pieces, _width in found]


def test_lines_break_where_readers_expect_it():
    assert lines("一二三四五，六七", 52) == ["一二三四", "五，六七"]
    assert lines("一二三四「五」六七", 52) == ["一二三四", "「五」六七"]
    assert lines("outdoor unit trips", 70) == ["outdoor unit", "trips"]
    assert lines("更换 compressor 一台", 60) == ["更换", "compressor", "一台"]
    assert lines("a\n\nb", 60) == ["a", "", "b"]
    assert "".join(lines("x" * 50, 60)) == "x" * 50
    assert lines("", 60) == [""]


def test_one_line_ends_in_an_ellipsis_where_it_does_not_fit():
    chain = typeface("en").regular
    assert fitting("短", chain, 10, 60) == "短"
    cut = fitting("很长的一行文字放不下", chain, 10, 60)
    assert cut.endswith("…")
    assert measured(cut, chain, 10) <= 60


@pytest.mark.parametrize("lines_before", range(28, 46, 2))
def test_a_heading_is_never_the_last_of_a_page(lines_before: int):
    filler = SectionBlock("甲", (Fact("说明", "行\n" * lines_before, wide=True),))
    grid = Grid("备件", ("名称", "数量"), tuple((f"泵 {n}", "1") for n in range(30)))
    pdf = report_bytes(report(sections=(filler, SectionBlock("乙标题", (grid,)))))
    [page] = [page.extract_text() for page in read(pdf).pages if "乙标题" in page.extract_text()]
    assert "泵 0" in page


def test_a_table_repeats_its_head_and_a_short_one_stays_together():
    long = Grid("备件", ("配件名称", "数量"), tuple((f"泵 {n}", "1") for n in range(120)))
    pages = read(report_bytes(report(sections=(SectionBlock("甲", (long,)),)))).pages
    assert len(pages) > 2
    assert all("配件名称" in page.extract_text() for page in pages)
    for before in range(30, 44):
        filler = SectionBlock("甲", (Fact("说明", "行\n" * before, wide=True),))
        checks = tuple(Check(f"项目{n}完", "") for n in range(4))
        pdf = report_bytes(report(sections=(filler,), checklist=checks))
        assert (
            sum("项目0完" in page.extract_text() or "项目3完" in page.extract_text() for page in read(pdf).pages) == 1
        )


@pytest.mark.parametrize("before", range(20, 40, 2))
def test_a_table_is_never_headed_twice_on_one_page(before: int):
    rows = (*((f"泵 {n}\n", "1") for n in range(40)), ("末", "1"))
    filler = SectionBlock("甲", (Fact("说明", "行\n" * before, wide=True),))
    grid = SectionBlock("乙", (Grid("备件", ("配件名称", "数量"), rows),))
    pages = [page.extract_text() for page in read(report_bytes(report(sections=(filler, grid)))).pages]
    assert all(page.count("配件名称") <= 1 for page in pages)
    [last] = [page for page in pages if "末" in page]
    assert "泵 39" in last


def test_the_number_of_a_ticket_is_never_cut():
    number = "WX-" + "0123456789" * 5
    pages = read(report_bytes(report(number=number, title="很长的标题" * 8, sections=(
        SectionBlock("甲", (Fact("说明", "行\n" * 90, wide=True),)),
    )))).pages  # fmt: skip
    assert len(pages) > 1
    assert all(number in page.extract_text().replace("\n", "") for page in pages)


def test_amounts_stand_below_each_other_with_the_total_last():
    amounts = tuple(Fact(f"费{n}", f"¥{n}.00", amount=True) for n in range(1, 4))
    parts = (
        Fact("押金", "¥9.00", amount=True),
        Fact("备注", "x"),
        *amounts,
        Fact("合计", "¥6.00", amount=True, total=True),
    )
    words = text(report_bytes(report(sections=(SectionBlock("费用", parts),))))
    assert [words.index(one) for one in ("押金", "费1", "费2", "费3", "合计")] == sorted(
        words.index(one) for one in ("押金", "费1", "费2", "费3", "合计")
    )
    # The sum stands out: nothing else is set that large.
    flat = (*parts[:-1], replace(parts[-1], total=False))
    large = [" 10 Tf" in strokes(report_bytes(report(sections=(SectionBlock("费用", one),)))) for one in (parts, flat)]
    assert large == [True, False]


def test_the_head_shows_the_company_with_its_logo(tmp_path: Path):
    Image.new("RGBA", (600, 150), "navy").save(tmp_path / "logo.png")
    head = Letterhead("清澜电器", ("深圳市南山区", "400-000-6688"), Picture(tmp_path / "logo.png"))
    pdf = report_bytes(report(company=head))
    assert all(one in text(pdf) for one in ("清澜电器", "深圳市南山区", "400-000-6688"))
    assert len(read(pdf).pages[0].images) == 1
    assert len(read(report_bytes(report())).pages[0].images) == 0


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
            signatures=(
                Signature("客户", Picture(tmp_path / "s.png"), "王小明", "2026-11-21 18:00"), Signature("师傅", None),
            ),
            footer="谢谢", printed="Printed 2026-11-21 18:00",
        )
    )  # fmt: skip
    words = text(pdf)
    shown = "照片|a.jpg 说明|This picture cannot be shown.|排水泵|¥12.00|Not done|17:50|第二行|客户|王小明|谢谢|Printed"
    for expected in (*shown.split("|"), "2026-11-21 18:00"):
        assert expected in words
    # Two photos and the signature are drawn; what is broken or gone is said.
    assert (sum(drawn(pdf)), len(drawn(pdf))) == (3, 2)
    assert words.count("This picture cannot be shown.") == 2
    assert len(pdf) < 400_000


def strokes(pdf: bytes) -> str:
    return "\n".join(page.get_contents().get_data().decode("latin-1") for page in read(pdf).pages)


def drawn(pdf: bytes) -> list[int]:
    """How often each picture is drawn."""
    return list(Counter(re.findall(r"/FormXob\.(\w+) Do", strokes(pdf))).values())


@pytest.mark.parametrize("count", [1, 3, 10])
def test_photos_and_signatures_are_drawn_as_they_are(tmp_path: Path, count: int):
    Image.new("RGB", (300, 200), "teal").save(tmp_path / "photo.png")
    Image.new("RGB", (200, 100), "navy").save(tmp_path / "pen.png")
    photos = Gallery("照片", (Picture(tmp_path / "photo.png", "外机"),) * count)
    pdf = report_bytes(
        report(
            sections=(SectionBlock("处理", (photos,)),), signatures=(Signature("客户", Picture(tmp_path / "pen.png")),)
        )
    )
    assert sorted(drawn(pdf)) == sorted([count, 1])
    # The photo has green in it, the pen none.
    seen = sorted(one.image.convert("RGB").getpixel((5, 5))[1] for page in read(pdf).pages for one in page.images)
    assert seen[0] < 8
    assert all(green > 120 for green in seen[1:])


def test_a_box_is_ticked_where_the_item_is_done_and_only_there():
    items = (Check("试机", "2026-11-21 17:50"), Check("清理", ""), Check("讲解", "2026-11-21 17:55"))
    pdf = report_bytes(report("en", checklist=items))
    # A tick is two strokes of one path.
    assert len(re.findall(r" m \S+ \S+ l \S+ \S+ l\s+S", strokes(pdf))) == 2
    assert text(pdf).count("Not done") == 1
    assert all(one in text(pdf) for one in ("17:50", "17:55"))


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
        report(company=Letterhead(value[:300]), title=value[:200] or "t", sections=(section,), footer=value)
    ).startswith(b"%PDF")


def test_a_large_table_takes_seconds_not_minutes():
    rows = tuple((f"备件 {n}", str(n), "1.00") for n in range(2_000))
    began = time.process_time()
    pdf = report_bytes(report(sections=(SectionBlock("s", (Grid("g", ("名称", "数量", "单价"), rows),)),)))
    assert time.process_time() - began < 10
    assert "备件 1999" in read(pdf).pages[-1].extract_text()


@pytest.mark.parametrize("columns", [1, 2, 9, 20])
def test_a_row_fits_a_page_however_many_columns_it_has(columns: int):
    row = tuple("很长的内容" * 300 if place % 2 else "1" for place in range(columns))
    grid = Grid("g", tuple("列名" * 20 for _place in range(columns)), (row, row))
    assert report_bytes(report(sections=(SectionBlock("s", (grid,)),))).startswith(b"%PDF")
