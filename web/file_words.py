"""The sentences of refusals of files: what uploads claim to be, mappings, workflows. Message ids, as in `wording.py`."""

from __future__ import annotations

from collections.abc import Mapping

from web.language import mark

FILE_SAID = mark("“%(name)s”：%(why)s")
# What a file is, by its bytes or by its name (workflow/file_types.py).
FILE_KINDS: Mapping[str, str] = {
    "picture": mark("图片"),
    "pdf": mark("PDF文件"),
    "document": mark("Word、Excel或WPS文件"),
    "table": mark("Excel或WPS表格"),
    "film": mark("视频"),
    "archive": mark("压缩包"),
    "text": mark("纯文字"),
    "unknown": mark("不认识的内容"),
}

# What is wrong with a file that says which column means what (mapping.py of handlers/ledgers and handlers/logs). The
# file is written with these very keys, so they are named.
MAPPING_WHY: Mapping[str, str] = {
    "too_long": mark("对照文件太长"),
    "not_yaml": mark("对照文件第%(line)s行：%(said)s"),
    "no_columns": mark("对照文件没有写明哪一列是什么"),
    "version": mark("对照文件的version写的是“%(value)s”，要写%(known)s"),
    "unknown_part": mark("对照文件里的“%(field)s”不认识，最外层只能写%(known)s"),
    "heading_of_nothing": mark("“%(heading)s”对照成了“%(field)s”，没有这一项；可写%(known)s"),
    "not_a_name": mark("对照文件%(part)s里的“%(key)s”后面要写一个名称"),
    "unknown_field": mark("对照文件里的“%(field)s”不认识"),
    "column_missing": mark("对照文件没有写明“%(field)s”是哪一列"),
    "nothing_opens": mark("对照文件没有写明哪个环节是登记，须有一个环节对照为open"),
}

# What is wrong with a text that is to be YAML (config/documents.py); `key` is the one that stands twice.
DOCUMENT_WHY: Mapping[str, str] = {
    "too_large": mark("文件太大，最多1兆"),
    "not_yaml": mark("这里不合YAML的写法：看缩进是否对齐、冒号后有没有空格、引号和括号是否成对"),
    "empty": mark("文件是空的"),
    "several_documents": mark("一个文件只能写一份，去掉后面的“---”"),
    "alias": mark("不能用“*”引用别处，照写一遍"),
    "anchor": mark("不能用“&”给一处起名，照写一遍"),
    "tag": mark("不能用“!”标记类型"),
    "too_deep": mark("层次太深，最多20层"),
    "key_not_plain": mark("冒号前面要是一个名称"),
    "unseen": mark("文字里有看不见的控制字符，删掉再写"),
    "no_mapping": mark("从第一行起要写成“名称: 内容”"),
    "duplicate_key": mark("“%(key)s”写了两次"),
}
