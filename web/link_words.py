"""Why somebody of a provider of identities is not made one of the people here, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from web.language import mark

LINK_WHY: Mapping[str, str] = {
    "login_unknown": mark("没有这个账号"),
    "provider_subject": mark("身份标识不对：照登录页上显示的抄，不能有空格和汉字"),
    "link_waits": mark("这个账号或身份已经提出对应，等第二人同意"),
    "subject_linked": mark("这个身份已经对应别的账号，先解除"),
    "person_linked": mark("这个账号已经对应别的身份，先解除"),
}
