"""The text that is read aloud before a face is enrolled at the desk, and the name of each text."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "zh": (
            "录入人脸完全自愿。不录入人脸，您照样可以用访客码、车牌或门禁卡进出，服务没有任何"
            "差别。如果您同意：我们现在拍一张您的面部照片，算成特征后立即删除照片；特征加密保"
            "存在本小区的门禁设备里，不上传，不给任何其他单位，只用来为您开门。您搬走、登记到"
            "期或者说不再使用时，特征随即销毁；您随时可以来前台，也可以用手机停用，不需要理由"
            "。未满 14 周岁的，须由监护人同意。请问您听清楚了吗？您同意录入人脸吗？"
        ),
        "en": (
            "Enrolling your face is entirely your own choice. Without it you come and go by "
            "visitor's pass, plate or card, and nothing else changes. If you agree: we take "
            "one photo of your face now, turn it into a template and delete the photo at "
            "once. The template is kept, encrypted, on this compound's gate equipment; it is "
            "not uploaded, goes to nobody else, and does nothing but open the gates for you. "
            "It is destroyed as soon as you move out, your registration ends, or you say that"
            " you no longer want it; you may say so at this desk or on your phone, at any "
            "time, without a reason. For a person under 14 a guardian must agree. Have you "
            "understood this? Do you agree that your face is enrolled?"
        ),
    }
)
"""The text by language."""


def version(language: str) -> str:
    """Return the name of the text in `language`; other words have another name."""
    digest = hashlib.sha256(WORDS[language].encode()).hexdigest()[:8]
    return f"desk-face-{language}-{digest}"


VERSIONS = frozenset(version(language) for language in WORDS)
