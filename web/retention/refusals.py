"""The sentences of what is refused about disposals: `why` of BadInput and Conflict."""

from __future__ import annotations

from collections.abc import Mapping

from web.language import mark

RETENTION_WHY: Mapping[str, str] = {
    "reason_too_long": mark("写得太长，最多%(most)s个字"),
    "approval_empty": mark("填批准文号"),
    "none_chosen": mark("先选事项"),
    "granted": mark("先选同意还是不同意"),
    "retention_runs": mark("“%(number)s”没有办结，或者保管期限未满"),
    "disposal_held": mark("“%(number)s”现在不能销毁，先看它的原因"),
    "disposal_decided": mark("这一次已经决定过"),
    "held_back": mark("这一项已经留存备查"),
    "not_held_back": mark("这一项没有留存备查"),
    "key_in_escrow": mark("保密内容已归档封存，在“知情范围”里提请取回，由另一位负责人决定"),
    "not_in_escrow": mark("本件的保密内容没有归档封存"),
    "no_escrow_key": mark("归档托管密钥不在本机，由保管人放回以后再决定"),
}
