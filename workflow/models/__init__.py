"""Every table of Duban, one family a file; importing this package registers them all in `metadata`."""

from workflow.models.agenda import AgendaItem
from workflow.models.bulk import BulkItem, BulkRun
from workflow.models.cases import Barred, Case, Facet, Link, Numbering, Party, Request, Secret
from workflow.models.clocks import Clock, FiredRung, RuleFiring
from workflow.models.columns import metadata
from workflow.models.definitions import DefinitionText, DefinitionVersion, Draft
from workflow.models.files import Evidence, StoredFile
from workflow.models.history import Checkpoint, Content, Event, Spell
from workflow.models.imports import ImportRow, ImportRun
from workflow.models.messages import MailChoice, Notice, Outbox
from workflow.models.operations import Answer, CalendarVersion, Note, Sweep
from workflow.models.organisations import Area, Organ
from workflow.models.people import (
    FormerPassword,
    Grant,
    GrantProposal,
    Person,
    RecoveryCode,
    SecondFactor,
    SetupLink,
    SignIn,
    Throttle,
    Token,
)
from workflow.models.publishing import Impact, ImpactLine, Publication
from workflow.models.reading import SavedView, SearchText

__all__ = [
    "AgendaItem",
    "Answer",
    "Area",
    "Barred",
    "BulkItem",
    "BulkRun",
    "CalendarVersion",
    "Case",
    "Checkpoint",
    "Clock",
    "Content",
    "DefinitionText",
    "DefinitionVersion",
    "Draft",
    "Event",
    "Evidence",
    "Facet",
    "FiredRung",
    "FormerPassword",
    "Grant",
    "GrantProposal",
    "Impact",
    "ImpactLine",
    "ImportRow",
    "ImportRun",
    "Link",
    "MailChoice",
    "Note",
    "Notice",
    "Numbering",
    "Organ",
    "Outbox",
    "Party",
    "Person",
    "Publication",
    "RecoveryCode",
    "Request",
    "RuleFiring",
    "SavedView",
    "SearchText",
    "SecondFactor",
    "Secret",
    "SetupLink",
    "SignIn",
    "Spell",
    "StoredFile",
    "Sweep",
    "Throttle",
    "Token",
    "metadata",
]
