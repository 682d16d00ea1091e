"""What the frame around every page shows: where one can go, who one is, and what stands wrong with the server."""

from __future__ import annotations

from dataclasses import dataclass

from web.help.shapes import Hint
from web.language import mark

# Key → word, in the order of the bar. Which of them a person sees is decided by whoever makes the shell.
PLACES: dict[str, str] = {
    "overview": mark("总览"),
    "reports": mark("统计报表"),
    "village": mark("我的整改"),
    "ledger": mark("台账"),
    "inbox": mark("待办"),
    "interviews": mark("约谈"),
    "orders": mark("督办单"),
    "messages": mark("消息"),
    "search": mark("检索"),
    "organisations": mark("组织"),
    "calendar": mark("日历"),
    "workflows": mark("流程"),
    "versions": mark("流程版本"),
    "designer": mark("流程设计"),
    "configuration": mark("配置"),
    "people": mark("用户"),
    "grants": mark("授权"),
    "links": mark("统一身份"),
    "audit": mark("审计"),
    "health": mark("运行状况"),
    "imports": mark("导入的台账"),
    "bulk": mark("批量办理记录"),
    "exports": mark("导出记录"),
    "retention": mark("到期鉴定"),
    "tokens": mark("程序接口令牌"),
    "mail": mark("消息设置"),
    "account": mark("修改口令"),
    "factors": mark("第二重验证"),
    "sessions": mark("登录的设备"),
    "kin": mark("回避申报"),
    "help": mark("使用帮助"),
}
# The tab bar of the phone has room for four.
ON_THE_PHONE = ("village", "inbox", "ledger", "interviews", "messages")
THEMES: dict[str, str] = {"auto": mark("跟随系统"), "light": mark("浅色"), "dark": mark("深色")}


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the bar; `count` is shown where it is not zero."""

    key: str
    href: str
    count: int = 0
    is_current: bool = False

    @property
    def label(self) -> str:
        """The message id of its word."""
        return PLACES[self.key]


@dataclass(frozen=True, slots=True)
class Who:
    """The person signed in and the post in which he acts."""

    name: str
    post: str
    login: str = ""

    @property
    def initial(self) -> str:
        """The first character of the name, for the round sign."""
        return self.name[:1]


@dataclass(frozen=True, slots=True)
class Post:
    """One of the posts of somebody with several: its grant, the body with what one is there, and whether he acts in it now."""

    grant_id: int
    words: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """The context variable `shell` of `base.html`. Without `who` the bar shows only the name of the house.

    `menu` opens under the person's name. `office` is the county's office on the sign-in page. `unread` is the bell's
    number. `tour` are the lines that show somebody round on his first page. `stopped_for` says how long the scheduler has
    been silent ("" while it runs). `single_keys` off means that no single key is a command (WCAG 2.1.4). `posts` are there
    where one may choose among them. `clock_url` is what tells the server's hour.
    """

    places: tuple[Place, ...] = ()
    menu: tuple[Place, ...] = ()
    who: Who | None = None
    office: str = ""
    home_url: str = "/"
    search_url: str = ""
    bell_url: str = ""
    unread: int = 0
    preferences_url: str = ""
    sign_out_url: str = ""
    tour: tuple[Hint, ...] = ()
    tour_url: str = ""
    help_url: str = ""
    days_url: str = ""
    health_url: str = ""
    theme: str = "auto"
    is_plain_http: bool = False
    is_read_only: bool = False
    stopped_for: str = ""
    single_keys: bool = True
    posts: tuple[Post, ...] = ()
    post_url: str = ""
    clock_url: str = ""

    @property
    def unread_words(self) -> str:
        """The bell's number as it is shown."""
        return str(self.unread) if self.unread < 100 else "99+"

    @property
    def phone_places(self) -> tuple[Place, ...]:
        """The entries of the phone's tab bar, in its order."""
        by_key = {place.key: place for place in self.places}
        return tuple(by_key[key] for key in ON_THE_PHONE if key in by_key)
