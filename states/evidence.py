"""What a file must be to stand under a label of evidence, as the version says that its case runs by.

Only what the stored media type tells is asked, and that was read from the bytes. A version that says nothing of a label takes
any file there, as all did before there were such rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from states.definition import Definition

APPROVAL_SCAN = "approval_scan"  # the label of a signed approval
# (label, media type) of a file that lies on a case.
Filed = tuple[str, str]


def takes(definition: Definition, label: str, media_type: str) -> bool:
    """May a file of this type stand under the label?"""
    is_picture = media_type.startswith("image/")
    wanted = definition.taken_under.get(label, "")
    return not wanted or is_picture or (wanted == "scan" and media_type == "application/pdf")


def counted(definition: Definition, files: Iterable[Filed]) -> tuple[str, ...]:
    """The labels of the files that prove something, one for each."""
    return tuple(label for label, media_type in files if takes(definition, label, media_type))


def unfit(definition: Definition, files: Iterable[Filed]) -> frozenset[str]:
    """The labels under which a file lies that their rule does not take: from before the rule, or from outside."""
    return frozenset(label for label, media_type in files if not takes(definition, label, media_type))
