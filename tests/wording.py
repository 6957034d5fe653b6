"""Words that no reader in a bureau is to meet."""

BANNED_ZH = (
    "不可行", "无解", "违反约束", "约束", "分配学生", "移动教师", "求解器", "目标函数", "影子价格",
    "薄弱学校", "弱校", "流动儿童", "农民工子女", "单元", "学区",
)  # fmt: skip
"""Of the modeller, of contempt, or beside the one word that is used: 小区 for a unit, 招生范围 for a catchment."""


def banned_in(text: str) -> list[str]:
    """Return the banned words that a text holds."""
    return [word for word in BANNED_ZH if word in text]
