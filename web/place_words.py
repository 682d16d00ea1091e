"""Why a place outside does not take a checkpoint or rows, or is not sent any."""

from __future__ import annotations

from web.language import mark

PLACE_WHY = {
    "not_a_checkpoint": mark("这不是这个单位签名的检查点"),
    "not_rows": mark("这不是这个单位签名的记录"),
    "rows_changed": mark("第%(number)s批记录和送出时不一样了"),
    "witness_forked": mark("第%(number)s号接不上这里存着的"),
}
