"""What is wrong with a command line that was typed, in Chinese; the parser's own sentences are English."""

from __future__ import annotations

import re

import click

# What a parameter's type asks for.
_TYPES = {"integer": "要写成整数", "float": "要写成数字", "boolean": "要写成true或false"}
_EXTRA = re.compile(r"unexpected extra arguments? \((.*)\)")
_MISSING_FILE = re.compile(r"does not exist")
_NOT_A_FILE = re.compile(r"is a directory")


def usage_words(fault: click.ClickException) -> str:
    """The fault in one sentence, with where to read more."""
    context, said = getattr(fault, "ctx", None), _words(fault)
    if context is None:
        return f"命令写得不对：{said}"
    return f"命令写得不对：{said}{'' if said.endswith('？') else '，'}用法见 {context.command_path} --help"


def _words(fault: click.ClickException) -> str:
    if isinstance(fault, click.NoSuchOption):
        return f"没有“{fault.option_name}”这个选项{_meant(fault.possibilities)}"
    if isinstance(fault, click.exceptions.NoSuchCommand):
        return f"没有“{fault.command_name}”这个命令{_meant(fault.possibilities)}"
    if isinstance(fault, click.MissingParameter):
        return f"没有写“{_name(fault)}”"
    if isinstance(fault, click.BadParameter):
        return f"“{_name(fault)}”{_value_words(fault)}"
    if isinstance(fault, click.BadOptionUsage):
        takes_none = "does not take a value" in fault.message
        return f"选项“{fault.option_name}”后面{'不能写值' if takes_none else '没有写值'}"
    extra = _EXTRA.search(fault.message)
    return f"“{extra[1]}”是多出来的" if extra else "没有写明要办什么"


def _meant(possibilities: object) -> str:
    near = [str(one) for one in possibilities] if isinstance(possibilities, list | tuple) else []
    return f"，是不是“{'”或“'.join(near)}”？" if near else ""


def _name(fault: click.BadParameter) -> str:
    parameter = fault.param
    if parameter is None:
        return str(fault.param_hint or "")
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.make_metavar(_context(fault))


def _context(fault: click.BadParameter) -> click.Context:
    return fault.ctx or click.Context(click.Command("duban"))


def _value_words(fault: click.BadParameter) -> str:
    kind = fault.param.type if fault.param else None
    if isinstance(kind, click.Choice):
        return f"只能写{'、'.join(map(str, kind.choices))}"
    if isinstance(kind, click.Path):
        if _MISSING_FILE.search(fault.message):
            return "写的文件没有找到"
        return "写的是一个文件夹" if _NOT_A_FILE.search(fault.message) else "写的文件不能读写"
    return _TYPES.get(getattr(kind, "name", ""), "写得不对")
