"""A browser's own name, kept as two words and shown in the reader's: which of his machines a session is on."""

from __future__ import annotations

from web.language import current_language, mark, translate

# The first sign that is found names the browser; many claim to be others as well.
BROWSERS = {
    "MicroMessenger": ("wechat", mark("微信")),
    "wxwork": ("wework", mark("企业微信")),
    "QIHU": ("qihoo", mark("360浏览器")),
    "360SE": ("qihoo", mark("360浏览器")),
    "Qaxbrowser": ("qianxin", mark("奇安信浏览器")),
    "Edg": ("edge", mark("微软浏览器")),
    "Firefox": ("firefox", mark("火狐浏览器")),
    "Chrome": ("chrome", mark("谷歌内核浏览器")),
    "Safari": ("safari", mark("苹果浏览器")),
}
SYSTEMS = {
    "Android": ("android", mark("安卓手机")),
    "iPhone": ("iphone", mark("苹果手机")),
    "iPad": ("ipad", mark("苹果平板")),
    "Windows": ("windows", mark("视窗电脑")),
    "Macintosh": ("mac", mark("苹果电脑")),
    "Linux": ("linux", mark("国产系统或其他电脑")),
}
UNKNOWN = mark("不认识的设备")


def device_of(agent: str) -> str:
    """`chrome.windows`; nothing else of what the browser says of itself is kept."""
    return ".".join(next((word for sign, (word, _said) in known.items() if sign in agent), "") for known in (BROWSERS, SYSTEMS))


def device_words(device: str) -> str:
    """The same for its reader."""
    browser, _dot, system = device.partition(".")
    said = [dict(known.values()).get(word) for word, known in ((system, SYSTEMS), (browser, BROWSERS))]
    return " · ".join(translate(words, current_language()) for words in said if words) or translate(UNKNOWN, current_language())
