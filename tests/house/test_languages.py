"""zh_Hans, zh_Hant and English are complete, and each looks like itself."""

import re
import subprocess
import sys

import pytest
from babel.messages.pofile import read_po

from app.core.i18n import CATALOGUES
from app.messages import POT, TRANSLATED
from tests.house.source import ROOT

#: Common characters that exist in Simplified writing only.
SIMPLIFIED_ONLY = set(
    "个们为么乐书买产亲亿从仅仓价众优伙会伟传伤伪体侧侦侨俩债倾偿储儿兑关兴养兽内冈册写军农冯冲决况冻净凉减凑凤凭击凿刘则刚创"
    "删别剂剑剧劝办务动励劲劳势区医华协单卖卢卫厂厅历厉压厌县参双发变叙叠号叹吓吗听启吴员响哑唤喷嘱团园围国图圆圣场坏块坚坛坝坟坠"
    "垄垒垦垫墙壮声处备复够头夹夺奋奖妆妇妈姗娄娇娱婴孙学宁宝实审宪宫宽宾寝对寻导寿将尔尘尝尽层届属岁岂岛岭峡币帅师帐帜带帮库应"
    "庙庞废开异弃张弥弯弹强归当录彦彻径忆忧怀态怜总恋恳恶悬惊惧惩惯愤愿慑戏战户扑执扩扫扬扰抚抛抢护报担拟拢择挂挟挡挣挤挥损捡换据捣"
    "掷掺揽搁携摄摆摇撑敌数斋断无旧时旷显晒晓晕暂术机杀杂权条来杨极构枪柜标栈栋栏树样档桥梦检楼榄横欢欧歼毁毕气汇汉汤沟没沪泪泼洁洒"
    "测济浏浓涂涛润涨渐渔温湾湿满滚滞滤滥灭灯灵灾炉点炼烂烛烟烦烧烫热爱爷牵状独狭狮狱猎猫献环现玛珑电画畅疗疯痒瘫癣盏盐监盖盘睁矫矿码"
    "砖础硕确碍礼祷祸离种积称税稳穷窃竞笔笼筑筛筹签简箩类粮紧纠红纤约级纪纯纱纲纳纵纷纸纹纺线练组细织终绍经绑结绕绘给络绝统绢继绩绪续绳"
    "维综绿缓编缘缝缩缴网罗罚罢职联聪肃肠肤肾肿胀胁胜胶脉脏脑脚脱脸腊腾舰艺节芦苏范茎荐荣药莱获营萧萨蓝虑虽虾蚀蚁蚂蛮补袜装褛见观规视览觉"
    "触誉计订认讨让训议讯记讲许论设访证评识诉诊词译试诗诚话诞询该详语误说请诸诺读课谁调谅谈谊谋谎谐谓谜谢谣谨谱贝负财责败账货质贩贪贫贬购"
    "贯贴贵贷贸费贺贼贾资赋赌赎赏赔赖赚赛赞赠赢赵赶趋跃跄践车轧轨转轮软轰轻载较辅辆辈辉输辞边辽达迁过运还这进远违连迟适选逊递逻遗邓邮邻郑酱"
    "释鉴针钉钓钙钟钢钥钦钩钱钻铁铃铅铜铝银链销锁锅锋错锐锤锦键锯镇镜长门闪闭问闯闲间闷闹闻阅队阳阴阵阶际陆陈险随隐难雾静韩页顶项顺须顾顿"
    "预领频颗题颜额风飘飞饥饭饮饰饱饼饿馆马驰驱驳驶驻驼驾骂骄验骑骗骤鱼鲁鲜鸟鸡鸣鸭鸿鹅鹏黄齐齿龄龙龟"
    # These stand in Big5 as well, as rare characters of other meanings.
    "万与丰于仆优党并庄构气网苹虫"
)


def simplified_in(text: str) -> str:
    """The Simplified characters of a text: those that Big5 has not, and those it has as rare ones alone."""
    return "".join(sorted({one for one in text if one in SIMPLIFIED_ONLY or (is_han(one) and not fits(one, "big5"))}))


def is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or character >= "\U00020000"


def fits(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


#: Words that stay Latin in Chinese: names, units, file types, placeholders.
LATIN = re.compile(
    r"%\(\w+\)[sd]|\{[^}]*\}|<[^>]+>|\$\{\w+\}|`[^`]*`|https?:\S+|[\w.]+@[\w.]+|&\w+;|"
    r"\b(?:Gongdan|Excel|CSV|PDF|YAML|JSON|API|REST|URL|UTF|BOM|MiB|MB|KB|GB|ID|IT|SLA|HTML|HTTPS?|Markdown|Ctrl|Shift|Enter|Esc|"
    r"VIP|xlsx|csv|pdf|zip|PNG|JPE?G|HEIC|WebP|GIF|BMP|MP4|MOV|iPhone|SQLite|PostgreSQL|Flask|AppBuilder|English|WX|OK|CNY|QR|GPS|DTD|XML|Latin|"
    r"NaN|PIN|UUID|IP|OpenAPI|CSRF|[A-Za-z]|e\.g|GB18030|gb18030|Code128|Unicode|A4|min|max|round|abs|if|sum|len|concat|today|now|name|days_between|(?-i:TRUE|FALSE))\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def catalogues():
    found = {}
    for locale in TRANSLATED:
        with (CATALOGUES / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
            found[locale] = read_po(file, locale=locale)
    return found


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_message_is_translated(catalogues, locale):
    with POT.open("rb") as file:
        wanted = {message.id for message in read_po(file) if message.id}
    got = {message.id: message for message in catalogues[locale] if message.id}
    assert sorted(map(str, wanted - set(got))) == []
    unfinished = [
        str(message.id)
        for message in got.values()
        if message.fuzzy or not all([message.string] if isinstance(message.string, str) else message.string)
    ]
    assert unfinished == []


@pytest.mark.parametrize("locale", TRANSLATED)
def test_placeholders_survive_translation(catalogues, locale):
    pattern = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
    broken = []
    for message in catalogues[locale]:
        ids = [message.id] if isinstance(message.id, str) else list(message.id or ())
        strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
        wanted = {tuple(sorted(set(pattern.findall(one)))) for one in ids}
        if ids and any(tuple(sorted(set(pattern.findall(one)))) not in wanted for one in strings):
            broken.append(str(message.id))
    assert broken == []


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_english_is_left_in_chinese(catalogues, locale):
    english = re.compile(r"[A-Za-z]{3,}")
    left = {
        str(message.id): message.string
        for message in catalogues[locale]
        if message.id and isinstance(message.string, str) and english.search(LATIN.sub("", message.string))
    }
    assert left == {}


def test_traditional_has_no_simplified_forms(catalogues):
    mixed = {
        str(message.id): simplified_in(str(message.string))
        for message in catalogues["zh_Hant"]
        if message.id and simplified_in(str(message.string))
    }
    assert mixed == {}


@pytest.mark.parametrize(("text", "found"), [
    ("家电维修報告", "电维"), ("价体机于", "于价体机"), ("镕瓯", "瓯镕"), ("家電維修：台、后、里 A4 ①½", ""),
])  # fmt: skip
def test_a_simplified_form_is_seen(text, found):
    assert simplified_in(text) == found


def test_the_collected_messages_are_up_to_date(tmp_path):
    fresh = tmp_path / "messages.pot"
    rooms = ["app", "forms", "ticket_templates", "views"]
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel/babel.cfg", "-k", "_:1",
               "-k", "t:1", "-o", str(fresh), "--no-location", "--sort-output", "--omit-header", *rooms]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)
    with fresh.open("rb") as new, POT.open("rb") as kept:
        assert {m.id for m in read_po(new)} == {m.id for m in read_po(kept)}
