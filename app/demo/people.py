"""Who works at the demo company: user name, name, role, outlet, team, skills with levels."""

from typing import Final

_AIRCON: Final = (("aircon_repair", 4), ("aircon_install", 3), ("electrician", 3))
_WHITE: Final = (("fridge_repair", 4), ("washer_repair", 4))
_KITCHEN: Final = (("gas", 3), ("water_purifier", 3))
_VIDEO: Final = (("television", 4), ("electrician", 2))
_WATER_AND_VIDEO: Final = _KITCHEN + _VIDEO

STAFF: Final[tuple[tuple[str, str, str, str, str, tuple[tuple[str, int], ...]], ...]] = (
    ("chen.jing", "陈静", "administrator", "", "", ()),
    ("lin.xiaomei", "林晓梅", "template_designer", "", "", ()),
    ("zhao.lei", "赵磊", "dispatcher", "", "", ()),
    ("sun.yue", "孙悦", "dispatcher", "", "", ()),
    ("wang.fang", "王芳", "clerk", "", "", ()),
    ("li.na", "李娜", "clerk", "", "", ()),
    ("he.min", "何敏", "clerk", "", "", ()),
    ("gao.yuan", "高远", "qa", "", "", ()),
    ("xu.hui", "徐慧", "finance", "", "", ()),
    ("song.wei", "宋伟", "auditor", "", "", ()),
    ("huang.qiang", "黄强", "outlet_manager", "SZ-NS", "SZ-NS-1", ()),
    ("luo.bin", "罗斌", "outlet_manager", "SZ-LG", "SZ-LG-1", ()),
    ("liang.hao", "梁浩", "outlet_manager", "GZ-TH", "GZ-TH-1", ()),
    ("zhou.jie", "周杰", "outlet_manager", "SH-PD", "SH-PD-1", ()),
    ("ma.chao", "马超", "outlet_manager", "BJ-HD", "BJ-HD-1", ()),
    ("deng.yong", "邓勇", "outlet_manager", "CD-WH", "CD-WH-1", ()),
    ("liu.yang", "刘洋", "technician", "SZ-NS", "SZ-NS-1", _AIRCON),
    ("zhang.peng", "张鹏", "technician", "SZ-NS", "SZ-NS-1", _WHITE),
    ("wu.gang", "吴刚", "technician", "SZ-NS", "SZ-NS-2", _AIRCON),
    ("yang.fan", "杨帆", "technician", "SZ-LG", "SZ-LG-1", _KITCHEN),
    ("tan.jun", "谭军", "technician", "SZ-LG", "SZ-LG-1", _AIRCON),
    ("feng.tao", "冯涛", "technician", "GZ-TH", "GZ-TH-1", _WHITE),
    ("cai.ming", "蔡明", "technician", "GZ-TH", "GZ-TH-1", _VIDEO),
    ("lu.jian", "陆健", "technician", "SH-PD", "SH-PD-1", _AIRCON),
    ("guo.liang", "郭亮", "technician", "BJ-HD", "BJ-HD-1", _WHITE),
    ("tang.bo", "唐波", "technician", "CD-WH", "CD-WH-1", _KITCHEN),
    # Each outlet has somebody for whatever its customers have at home.
    ("xie.feng", "谢峰", "technician", "SZ-NS", "SZ-NS-1", _WATER_AND_VIDEO),
    ("han.dong", "韩冬", "technician", "SZ-LG", "SZ-LG-1", _WHITE + _VIDEO),
    ("ye.hui", "叶辉", "technician", "GZ-TH", "GZ-TH-1", _AIRCON + _KITCHEN),
    ("shen.yi", "沈毅", "technician", "SH-PD", "SH-PD-1", _WHITE),
    ("jiang.hai", "蒋海", "technician", "SH-PD", "SH-PD-1", _WATER_AND_VIDEO),
    ("song.bin", "宋斌", "technician", "BJ-HD", "BJ-HD-1", _AIRCON),
    ("meng.fei", "孟飞", "technician", "BJ-HD", "BJ-HD-1", _WATER_AND_VIDEO),
    ("zeng.li", "曾力", "technician", "CD-WH", "CD-WH-1", _AIRCON),
    ("liao.kai", "廖凯", "technician", "CD-WH", "CD-WH-1", _WHITE + _VIDEO),
)
