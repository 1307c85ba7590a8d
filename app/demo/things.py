"""What the demo company has: its letterhead, outlets, teams, skills, levels, tags, categories and products."""

from typing import Any, Final

#: An invented company; its number is one no office gives out.
COMPANY: Final[dict[str, Any]] = {
    "names": {"zh_Hans": "深圳市清澜电器服务有限公司", "zh_Hant": "深圳市清瀾電器服務有限公司",
              "en": "Shenzhen Qinglan Appliance Service Co., Ltd."},
    "address": "广东省深圳市南山区科技园科苑路15号科兴科学园B栋12层",
    "phone": "400-000-6688 / 0755-2670 0000",
    "email": "service@qinglan.example",
    "tax_number": "91440300MA00000000",
}  # fmt: skip
OUTLETS: Final[list[dict[str, Any]]] = [
    {"code": "SZ-NS", "name": "深圳南山网点", "region_code": "440305", "address": "南山区科技园科苑路15号",
     "phone": "0755-26700001"},
    {"code": "SZ-LG", "name": "深圳龙岗网点", "region_code": "440307", "address": "龙岗区龙翔大道288号",
     "phone": "0755-28900002"},
    {"code": "GZ-TH", "name": "广州天河网点", "region_code": "440106", "address": "天河区中山大道西89号",
     "phone": "020-38500003"},
    {"code": "SH-PD", "name": "上海浦东网点", "region_code": "310115", "address": "浦东新区张杨路500号",
     "phone": "021-58300004"},
    {"code": "BJ-HD", "name": "北京海淀网点", "region_code": "110108", "address": "海淀区中关村南大街12号",
     "phone": "010-62500005"},
    {"code": "CD-WH", "name": "成都武侯网点", "region_code": "510107", "address": "武侯区人民南路四段9号",
     "phone": "028-85200006"},
]  # fmt: skip
#: Districts each outlet serves.
DISTRICTS: Final[dict[str, tuple[str, ...]]] = {
    "SZ-NS": ("440305", "440304", "440306"),
    "SZ-LG": ("440307", "440303", "440308"),
    "GZ-TH": ("440106", "440104", "440105"),
    "SH-PD": ("310115", "310101", "310104"),
    "BJ-HD": ("110108", "110105", "110102"),
    "CD-WH": ("510107", "510104", "510105"),
}
TEAMS: Final[list[dict[str, Any]]] = [
    {"code": "SZ-NS-1", "name": "南山维修一班", "outlet_id": "SZ-NS"},
    {"code": "SZ-NS-2", "name": "南山安装班", "outlet_id": "SZ-NS"},
    {"code": "SZ-LG-1", "name": "龙岗维修班", "outlet_id": "SZ-LG"},
    {"code": "GZ-TH-1", "name": "天河维修班", "outlet_id": "GZ-TH"},
    {"code": "SH-PD-1", "name": "浦东维修班", "outlet_id": "SH-PD"},
    {"code": "BJ-HD-1", "name": "海淀维修班", "outlet_id": "BJ-HD"},
    {"code": "CD-WH-1", "name": "武侯维修班", "outlet_id": "CD-WH"},
]
SKILLS: Final[list[dict[str, Any]]] = [
    {"key": "aircon_repair", "labels": {"zh_Hans": "空调维修", "zh_Hant": "空調維修",
     "en": "Air conditioner repair"}},
    {"key": "aircon_install", "labels": {"zh_Hans": "空调安装", "zh_Hant": "空調安裝",
     "en": "Air conditioner installation"}},
    {"key": "fridge_repair", "labels": {"zh_Hans": "冰箱维修", "zh_Hant": "冰箱維修", "en": "Refrigerator repair"}},
    {"key": "washer_repair", "labels": {"zh_Hans": "洗衣机维修", "zh_Hant": "洗衣機維修",
     "en": "Washing machine repair"}},
    {"key": "gas", "labels": {"zh_Hans": "燃气具", "zh_Hant": "瓦斯器具", "en": "Gas appliances"}},
    {"key": "television", "labels": {"zh_Hans": "电视维修", "zh_Hant": "電視維修", "en": "Television repair"}},
    {"key": "water_purifier", "labels": {"zh_Hans": "净水设备", "zh_Hant": "淨水設備", "en": "Water purifiers"}},
    {"key": "electrician", "labels": {"zh_Hans": "低压电工", "zh_Hant": "低壓電工", "en": "Electrician"}},
]  # fmt: skip
LEVELS: Final[list[dict[str, Any]]] = [
    {"key": "normal", "labels": {"zh_Hans": "普通客户", "zh_Hant": "一般客戶", "en": "Standard"}, "rank": 0,
     "color": "secondary"},
    {"key": "silver", "labels": {"zh_Hans": "银卡客户", "zh_Hant": "銀卡客戶", "en": "Silver"}, "rank": 10,
     "color": "azure"},
    {"key": "gold", "labels": {"zh_Hans": "金卡客户", "zh_Hant": "金卡客戶", "en": "Gold"}, "rank": 20,
     "color": "yellow"},
    {"key": "vip", "labels": {"zh_Hans": "贵宾客户", "zh_Hant": "貴賓客戶", "en": "VIP"}, "rank": 30,
     "color": "purple"},
]  # fmt: skip
TAGS: Final = ["重点客户", "投诉过", "老客户", "需预约", "有宠物", "只接短信", "企业协议"]
#: Kind of a customer → the tags that say nothing about such a one.
TAGS_OF_OTHERS: Final = {"person": ("企业协议",), "company": ("有宠物", "只接短信")}
#: Code, name, code of the whole.
CATEGORIES: Final = [
    ("appliance", "家用电器", ""),
    ("cooling", "制冷", "appliance"),
    ("aircon", "空调", "cooling"),
    ("aircon-wall", "壁挂式空调", "aircon"),
    ("aircon-floor", "柜式空调", "aircon"),
    ("aircon-central", "中央空调", "aircon"),
    ("fridge", "冰箱", "cooling"),
    ("laundry", "洗护", "appliance"),
    ("washer", "洗衣机", "laundry"),
    ("dryer", "干衣机", "laundry"),
    ("kitchen", "厨房", "appliance"),
    ("hood", "油烟机", "kitchen"),
    ("stove", "燃气灶", "kitchen"),
    ("dishwasher", "洗碗机", "kitchen"),
    ("water", "热水与净水", "appliance"),
    ("heater", "热水器", "water"),
    ("purifier", "净水器", "water"),
    ("video", "影音", "appliance"),
    ("television", "电视", "video"),
]
#: Category, name, months of warranty, brand (invented), its code, models.
PRODUCTS: Final = [
    ("aircon-wall", "变频壁挂空调", 72, "清澜", "QL", ("KFR-26GW/A1", "KFR-26GW/B3", "KFR-35GW/A1",
     "KFR-35GW/B3", "KFR-50GW/A2")),
    ("aircon-wall", "定频壁挂空调", 72, "恒川", "HC", ("KF-23GW/C", "KF-26GW/C", "KF-35GW/C")),
    ("aircon-floor", "变频柜式空调", 72, "清澜", "QL", ("KFR-51LW/A1", "KFR-72LW/A1", "KFR-72LW/B2")),
    ("aircon-central", "家用中央空调", 60, "恒川", "HC", ("HVR-100", "HVR-120", "HVR-140", "HVR-160")),
    ("fridge", "多门冰箱", 36, "雪域", "XY", ("BCD-452W", "BCD-505W", "BCD-540W", "BCD-601W", "BCD-635W")),
    ("fridge", "两门冰箱", 36, "雪域", "XY", ("BCD-178T", "BCD-206T", "BCD-216T")),
    ("washer", "滚筒洗衣机", 36, "净洁", "JJ", ("XQG80-A", "XQG100-A", "XQG100-B", "XQG120-C")),
    ("washer", "波轮洗衣机", 36, "净洁", "JJ", ("XQB80-1", "XQB90-1", "XQB100-2")),
    ("dryer", "热泵干衣机", 36, "净洁", "JJ", ("GYH90-A", "GYH100-B")),
    ("hood", "侧吸油烟机", 36, "禾味", "HW", ("CXW-220-J1", "CXW-260-J5", "CXW-280-T2")),
    ("hood", "顶吸油烟机", 36, "禾味", "HW", ("CXW-200-E1", "CXW-230-E3")),
    ("stove", "嵌入式燃气灶", 36, "禾味", "HW", ("JZT-B520", "JZT-B720", "JZT-G860")),
    ("dishwasher", "嵌入式洗碗机", 36, "禾味", "HW", ("WQP8-3", "WQP12-5", "WQP14-7")),
    ("heater", "燃气热水器", 72, "暖泉", "NQ", ("JSQ25-13", "JSQ30-16", "JSQ36-18")),
    ("heater", "电热水器", 72, "暖泉", "NQ", ("F50-21", "F60-21", "F80-32")),
    ("purifier", "反渗透净水器", 24, "暖泉", "NQ", ("RO-600G", "RO-800G", "RO-1200G")),
    ("television", "液晶电视", 12, "视野", "SY", ("55U7", "65U7", "65U9", "75U9", "85U9", "100X1")),
]  # fmt: skip
