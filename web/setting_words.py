"""What is wrong with the text of a setting, in words, and what its parts are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from config.imports import load_ledger_words
from config.vocabulary import load_vocabulary
from states.definition import Language
from web.language import mark, translate

# The parts of a text; the keys of the file are English, the reader is not.
PARTS: Mapping[str, str] = {
    "zh-Hans": mark("简体"),
    "zh-Hant": mark("繁体"),
    "en": mark("英文"),
    "without": mark("缺值时"),
    "form": mark("版式"),
    "title": mark("标题"),
    "lines": mark("正文"),
    "rows": mark("表格"),
    "foot": mark("表下说明"),
    "heading": mark("小标题"),
    "agenda": mark("议程"),
    "pattern": mark("编号格式"),
    "posts": mark("各类单位的叫法"),
    "fields": mark("表头"),
    "statuses": mark("状态用语"),
    "headings": mark("表头用语"),
    "words": mark("用语"),
    "questions": mark("问句的列"),
    "blank_status": mark("空白状态"),
    "row_kinds": mark("行类型"),
    "clue_words": mark("线索用语"),
    "affirmed": mark("肯定"),
    "denied": mark("否定"),
    "holidays": mark("放假"),
    "makeups": mark("调休上班"),
    "name": mark("名称"),
    "columns": mark("表头"),
}
FIELDS: Mapping[str, Any] = load_ledger_words()["fields"]
NTH = mark("第%(n)s行")
FAULTS: Mapping[str, str] = {
    "empty": mark("要写上"),
    "too_long": mark("太长，最多%(most)s个字"),
    "control": mark("里有看不见的符号，删掉"),
    "value_unknown": mark("用了没有的值“{%(value)s}”，看“能用的值”"),
    "brace": mark("里的大括号不成对，大括号里只能写一个值的名称"),
    "values_differ": mark("三种文字里用的值不一样，要用同样的值"),
    "no_mapping": mark("写法不对，照原来的写法改"),
    "part_missing": mark("少了“%(part)s”"),
    "part_unknown": mark("多了“%(part)s”"),
    "form": mark("不能改成这种版式"),
    "lines": mark("要有1至%(most)s行"),
    "line": mark("不是一行正文，照原来的写法改"),
    "row": mark("不是一行表格，照原来的写法改"),
    "agenda": mark("不能列议程"),
    "number_parts": mark("年份{year}和序号{n}要各写一次"),
    "number_runs_together": mark("年份{year}和序号{n}之间要隔开"),
    "number_taken": mark("“%(number)s”已有别的文书或事项用过，换一种，两份不能是同一个号"),
    "key": mark("标识只用小写字母和下划线，以字母开头，不超过40个"),
    "years": mark("年数写1到%(most)s的整数，永久的写0"),
    "name_taken": mark("“%(name)s”这个名称已有"),
    "year": mark("年份要写“%(year)s”，写成四位数字"),
    "day": mark("里的“%(value)s”不对：写成这一年里的日期，一天只写一次，调休上班只能是周末"),
    "fixed": mark("由程序读取，不能改"),
    "heading_twice": mark("“%(word)s”写在两处，只能写一处"),
    "state_unknown": mark("“%(state)s”不是状态，可写%(known)s"),
    "label_unknown": mark("“%(label)s”不是进度，可写%(known)s"),
    "flag_unknown": mark("“%(flag)s”不认识，可写%(known)s"),
    "field_unknown": mark("“%(field)s”不是台账的一栏"),
    "word_unknown": mark("“%(word)s”不在状态用语里"),
}
# Of these the sentence says by itself where it stands.
WHOLE = ("year", "number_parts", "number_runs_together", "number_taken", "key", "name_taken")


def part_words(where: str, language: Language) -> str:
    """A place in a text: “正文第3行”, “缺值时·英文”."""
    return translate(mark("·"), language).join(filter(None, _steps(where, language)))


def _steps(where: str, language: Language) -> Iterator[str]:
    organs, said = load_vocabulary()["organ_kinds"], ""
    steps = where.split("/") if where else []
    if steps[:1] == ["fields"]:  # Fields of ledgers are known by the first heading that ships.
        steps = ["fields", *(FIELDS[field]["headings"][0] for field in steps[1:2] if field in FIELDS)]
    for step in steps:
        if re.fullmatch(r"\d+", step):
            said += translate(NTH, language) % {"n": step}
            continue
        yield said
        named = organs.get(step, {}).get("title", {}).get(language)
        said = named or (translate(PARTS[step], language) if step in PARTS else step)
    yield said


def setting_words(fault: Mapping[str, Any], language: Language) -> str:
    """One fault in a sentence, with its place in front."""
    told = {**fault, "part": part_words(str(fault.get("part", "")), language)}
    said = translate(FAULTS[str(fault["rule"])], language) % told
    where = "" if fault["rule"] in WHOLE else part_words(str(fault.get("where", "")), language)
    return f"{where}{': ' if language == 'en' and where else ''}{said}"
