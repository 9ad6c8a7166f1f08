"""Consent: what a viewer is told before the demo learns their face, and the name of that text."""

import hashlib

WORDS = {
    "zh": (
        "我已满 14 周岁，同意演示用本机摄像头拍一张我的脸：照片算成特征后立即删除，"
        "特征只存在这台电脑上，只用来打开演示的 2 号通道。我点“删除我的数据”或停止演示"
        "（包括 Ctrl-C）时即删除；程序若被强行结束，下次启动演示时删除。"
    ),
    "en": (
        "I am 14 or older and agree that the demo takes one picture of my face with this "
        "computer's camera. The picture is deleted as soon as it has become a template. The "
        "template stays on this computer and does nothing but open the demo's lane 2. It is erased "
        "when I press “Erase my data” and when the demo stops (Ctrl-C too); if the demo is killed, "
        "when it is started the next time."
    ),
}
"""The text by the language of the page."""

CHANNEL = "demo-page"
BY = "self"
"""Who gave the consent: nobody but the person before the screen."""


def version(language: str) -> str:
    """Return the name of the text in `language`; other words have another name."""
    digest = hashlib.sha256(WORDS[language].encode()).hexdigest()[:8]
    return f"demo-camera-{language}-{digest}"


VERSIONS = frozenset(version(language) for language in WORDS)
