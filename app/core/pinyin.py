"""Chinese names in the order of their sound, the same on both databases.

GB18030 holds the 3,755 commonest characters in the order of pinyin, and PostgreSQL and Python encode alike; no
collation needs to be installed. Surnames outside that range (rare ones, those written in traditional characters)
and those that sound otherwise as surnames are sorted as a common character of their sound.
"""

from string import ascii_lowercase, ascii_uppercase
from typing import Any, Final

from sqlalchemy import LargeBinary
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

#: Pairs: a character, and the common one it is sorted as.
_SOUNDS_LIKE: Final = (
    "闫严覃秦滕腾缪妙褚楚窦豆岑层晏燕瞿渠佟童臧赃闵敏邬乌栾峦佘蛇邝矿胥须鄢烟谌陈奚西冼显蔺吝仝童郜告阚看扈户晁潮芮锐阙却邸底"
    "裘球亓齐邰台逯路嵇基於于昝攒单善解谢仇求查扎區欧"
    "張张劉刘陳陈楊杨黃黄趙赵吳吴孫孙馬马鄭郑謝谢許许韓韩馮冯鄧邓蕭萧蔣蒋餘余葉叶蘇苏呂吕盧卢鍾钟譚谭陸陆範范賈贾韋韦鄒邹閆严龍龙"
    "賀贺顧顾龔龚萬万錢钱嚴严湯汤齊齐喬乔龐庞顏颜莊庄聶聂魯鲁歐欧關关蘭兰紀纪單善畢毕駱骆藍蓝鮑鲍華华饒饶農农繆妙簡简車车項项連连"
    "麥麦婁娄竇豆黨党宮宫費费衛卫應应閔敏鄔乌邊边師师樂乐叢丛鞏巩鄺矿談谈儲储勞劳厲厉闕却強强練练祿禄豐丰國国計计門门雲云來来羅罗"
    "溫温塗涂遊游時时陽阳東东"
)
_FROM: Final = ascii_uppercase + _SOUNDS_LIKE[::2]
_TO: Final = ascii_lowercase + _SOUNDS_LIKE[1::2]
_TABLE: Final = str.maketrans(_FROM, _TO)
_PAIRED: Final = frozenset(_FROM)


def sound_key(text: str | None) -> bytes | None:
    """Return what sorts ``text`` by its sound; Latin letters come first, whatever their case."""
    if text is None:
        return None
    if text.isascii():
        return text.lower().encode()
    # Most names hold none of them: looking for one is cheaper than translating, and lists are a million rows long.
    return (text if _PAIRED.isdisjoint(text) else text.translate(_TABLE)).encode("gb18030")


class by_pinyin(FunctionElement[bytes]):  # noqa: N801 - reads like the SQL function it is
    """A column of texts as something to sort by. Worked out row by row: a long list begins in another order."""

    type = LargeBinary()
    inherit_cache = True
    name = "by_pinyin"


@compiles(by_pinyin, "sqlite")
def _by_pinyin_sqlite(element: Any, compiler: Any, **kwargs: Any) -> str:
    return f"sound_key({compiler.process(element.clauses, **kwargs)})"


@compiles(by_pinyin)
def _by_pinyin(element: Any, compiler: Any, **kwargs: Any) -> str:
    text = compiler.process(element.clauses, **kwargs)
    return f"convert_to(translate({text}, '{_FROM}', '{_TO}'), 'GB18030')"
