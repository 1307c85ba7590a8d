"""Which column probably is what: by how alike the heading and the names of a target are, and by what stands in it."""

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final

from app.core.i18n import LOCALES
from app.core.permissions import Actor
from app.core.work import Work
from app.exchange.headings import BETWEEN, codes_beside, field_words, own_targets, plain
from app.exchange.mapping import ANSWERS, TARGETS, ColumnMap
from app.exchange.tally import Tally
from app.exchange.vocabulary import Vocabulary, vocabulary
from ticket_templates.versions import CompiledVersion

#: Below this, a likeness is chance.
ENOUGH: Final = 0.72
#: How sure a heading is that our files write, of one meaning; what its texts tell; one with its template behind it.
_OURS: Final = 4.0
_TOLD: Final = 3.0
_NAMED: Final = 0.97
#: A name gives way to the code beside it, the ticket's number to the external one; a column without a value to both.
_LESSER: Final = 0.5
_EMPTY: Final = 1.5
#: Above this part of a column's cells, what they say is no chance.
_MOST: Final = 0.5
#: What people and other systems call things, besides our own labels.
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": ("id", "no", "number", "ticket no", "工单号", "编号", "單號", "单号", "外部编号", "原单号"),
    "created_at": ("date", "created", "event date", "日期", "时间", "報修時間", "报修时间", "创建时间", "建单时间"),
    "state": ("status", "状态", "狀態", "工单状态"),
    "subject": ("title", "主题", "标题", "標題"),
    "customer": ("client", "客户", "客戶", "客户编号", "客户名称", "customer code", "客戶編號"),
    "customer_phone": (
        "phone", "phone number", "customer phone", "telephone", "tel", "mobile", "电话", "手机", "手机号", "手机号码",
        "联系电话", "客户电话", "電話", "手機", "手機號碼", "聯絡電話", "客戶電話",
    ),
    "outlet": ("site", "branch", "store", "group", "网点", "門店", "门店", "服务网点", "outlet code", "网点编号",
               "服務據點編號"),
    "assignee": ("technician", "engineer", "师傅", "工程师", "處理人", "处理人",
                 "user name of the assignee", "负责人用户名", "負責人使用者名稱"),
    "installed_product": ("serial", "serial no", "sn", "序列号", "機號", "机号",
                          "serial number of the installed product", "客户设备序列号", "客戶設備序號"),
    "team": ("team code", "班组编号", "班組編號"),
    "note": ("remark", "comment", "备注", "備註"),
}  # fmt: skip

#: Known by its very words only: “phone model” is no phone, and a row whose phone is nobody's is refused.
_EXACT: Final = frozenset({"customer_phone"})


def suggested(
    headings: Sequence[str],
    version: CompiledVersion,
    actor: Actor,
    told: Mapping[str, str] | None = None,
    empty: Collection[str] = (),
) -> dict[str, ColumnMap]:
    """Return a mapping by heading for the headings that resemble a target; each target is used once at most.

    ``told``: what the texts of a column say it is, whatever it is called (`by_values`); they know better, but of the
    headings our own files have. ``empty``: headings without a value; they give way to those that have one.
    """
    found: dict[str, ColumnMap] = {}
    taken: set[str] = set()
    for _score, heading, target in _fitting(headings, version, actor, told or {}, empty):
        if heading not in found and target not in taken:
            found[heading] = ColumnMap(target, column=heading)
            taken.add(target)
    return found


def beside(
    headings: Sequence[str], version: CompiledVersion, actor: Actor, columns: Mapping[str, str]
) -> dict[str, str]:
    """Return, by heading, the target that a column left aside would fit best and that another one of ``columns`` feeds.

    ``columns`` are the headings by target.
    """
    used = set(columns.values())
    best: dict[str, str] = {}
    for _score, heading, target in _fitting(headings, version, actor, {}, ()):
        best.setdefault(heading, target)
    return {heading: target for heading, target in best.items() if heading not in used and columns.get(target)}


def _fitting(
    headings: Sequence[str], version: CompiledVersion, actor: Actor, told: Mapping[str, str], empty: Collection[str]
) -> list[tuple[float, str, str]]:
    """Return (score, heading, target) of all that may belong together, the best first."""
    names = _names(version, actor)
    written = {plain(word): key for key in version.uses for word in field_words(version, key)}
    own, spoken_for = own_targets(headings), codes_beside(headings)
    scored: list[tuple[float, str, str]] = []
    for heading in headings:
        if (key := written.get(plain(heading))) is not None:
            found = {ANSWERS + key: _OURS} if ANSWERS + key in names else {}
        elif heading in own:
            target = own[heading]
            lesser = heading in spoken_for or (target == "external_id" and not _is_external(heading))
            found = {target: _OURS - _LESSER * lesser} if target else {}
        elif (target := told.get(heading, "")) in names:
            found = {target: _TOLD}
        else:
            found = {one: _likeness(heading, words, one) for one, words in names.items()}
        given_way = _EMPTY if heading in empty else 0
        scored += [
            (score - given_way if score > 1 else score, heading, one) for one, score in found.items() if score >= ENOUGH
        ]
    return sorted(scored, key=lambda one: -one[0])


def _is_external(heading: str) -> bool:
    return plain(heading) in {plain(TARGETS["external_id"].in_(locale)) for locale in LOCALES}


def by_values(
    work: Work, version: CompiledVersion, headings: Sequence[str], tallies: Sequence[Tally]
) -> dict[str, str]:
    """Return the target by heading of each column most of whose cells name choices of that one target, and no other."""
    targets = ["state", *(ANSWERS + key for key in version.uses)]
    known = {target: found for target in targets if (found := vocabulary(work, version, target))}
    claimed: dict[str, list[str]] = {}
    for heading, tally in zip(headings, tallies, strict=True):
        fitting = [target for target, one in known.items() if _share(one, tally) > _MOST]
        if len(fitting) == 1:
            claimed.setdefault(fitting[0], []).append(heading)
    # Two columns of the same choices: their headings tell which is which.
    return {some[0]: target for target, some in claimed.items() if len(some) == 1}


def _share(vocabulary: Vocabulary, tally: Tally) -> float:
    """Return what part of the filled cells names a choice; numbers name nothing, they are everywhere."""
    texts = [(text, count) for text, count in tally.values or () if not text.strip().isdecimal()]
    return sum(count for text, count in texts if vocabulary.means(text)) / max(tally.filled, 1)


def _names(version: CompiledVersion, actor: Actor) -> dict[str, set[str]]:
    """Return the folded words each target is known by: fields first, so that they win a tie."""
    names: dict[str, set[str]] = {}
    for key in version.uses:
        # Files cannot come out of a cell.
        if key in version.recordable(actor) and version.types[key].kind != "attachments":
            spec = version.spec.fields[key]
            names[ANSWERS + key] = {plain(word) for word in (key, *spec.labels.values()) if word}
    for target, label in TARGETS.items():
        words = {target, *(label.in_(locale) for locale in LOCALES), *_ALSO.get(target, ())}
        names[target] = {plain(word) for word in words}
    return names


def _likeness(heading: str, words: set[str], target: str) -> float:
    text = plain(heading)
    if text in words:
        return 1.0
    if target in _EXACT:
        return 0.0
    if target.startswith(ANSWERS) and plain(heading.partition(BETWEEN)[0]) in words:
        # It stood beside one of its name, in another template or under another name of this one.
        return _NAMED
    best = 0.0
    for word in words:
        if len(word) > 1 and len(text) > 1 and (_stands_in(word, text) or _stands_in(text, word)):
            best = max(best, 0.7 + 0.25 * min(len(word), len(text)) / max(len(word), len(text)))
        best = max(best, SequenceMatcher(None, text, word).ratio() * 0.95)
    return best


def _stands_in(word: str, text: str) -> bool:
    """Whether ``word`` is part of ``text``, and not of one of its words only: “id” is no part of “provider”."""
    return word in text and bool(re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text))
