"""Which column probably is what: by how alike the heading and the names of a target are, and by what stands in it."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final

from app.core.db import folded
from app.core.i18n import LOCALES
from app.core.permissions import Actor
from app.core.work import Work
from app.exchange.mapping import ANSWERS, TARGETS, ColumnMap
from app.exchange.tally import Tally
from app.exchange.vocabulary import Vocabulary, vocabulary
from ticket_templates.versions import CompiledVersion

#: Below this, a likeness is chance.
ENOUGH: Final = 0.72
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
    headings: Sequence[str], version: CompiledVersion, actor: Actor, told: Mapping[str, str] | None = None
) -> dict[str, ColumnMap]:
    """Return a mapping by heading for the headings that resemble a target; each target is used once at most.

    ``told``: what the texts of a column say it is, whatever it is called (`by_values`); they know better.
    """
    names = _names(version, actor)
    told = {heading: target for heading, target in (told or {}).items() if target in names}
    found = {heading: ColumnMap(target, column=heading) for heading, target in told.items()}
    taken = set(told.values())
    scored = sorted(
        (
            (_likeness(folded(heading), words, exact=target in _EXACT), heading, target)
            for heading in headings
            for target, words in names.items()
        ),
        key=lambda one: -one[0],
    )
    for score, heading, target in scored:
        if score >= ENOUGH and heading not in found and target not in taken:
            found[heading] = ColumnMap(target, column=heading)
            taken.add(target)
    return found


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
        if key in version.recordable(actor):
            spec = version.spec.fields[key]
            names[ANSWERS + key] = {folded(word) for word in (key.replace("_", " "), *spec.labels.values()) if word}
    for target, label in TARGETS.items():
        words = {target.replace("_", " "), *(label.in_(locale) for locale in LOCALES), *_ALSO.get(target, ())}
        names[target] = {folded(word) for word in words}
    return names


def _likeness(heading: str, words: set[str], *, exact: bool) -> float:
    text = heading.replace("_", " ").strip(" *＊:：()（）")
    if text in words:
        return 1.0
    if exact:
        return 0.0
    best = 0.0
    for word in words:
        if len(word) > 1 and len(text) > 1 and (word in text or text in word):
            best = max(best, 0.7 + 0.25 * min(len(word), len(text)) / max(len(word), len(text)))
        best = max(best, SequenceMatcher(None, text, word).ratio() * 0.95)
    return best
