"""Every table of Duban, one family a file; importing this package registers them all in `metadata`."""

from workflow.models.agenda import AgendaItem
from workflow.models.bulk import BulkItem, BulkRun
from workflow.models.cases import (
    Barred,
    Case,
    CaseKey,
    Facet,
    FormerFacet,
    Knower,
    Link,
    Loosening,
    Numbering,
    Party,
    RecusalHint,
    Request,
    Secret,
)
from workflow.models.clocks import Clock, FiredRung, RuleFiring
from workflow.models.columns import metadata
from workflow.models.definitions import DefinitionText, DefinitionVersion, Draft, DraftStep
from workflow.models.exports import Export
from workflow.models.files import Evidence, Scan, StoredFile
from workflow.models.history import Checkpoint, Content, Delivery, Event, Shipment, ShipmentPlace, Shipped, Spell, Trail
from workflow.models.imports import ImportRow, ImportRun
from workflow.models.messages import MailChoice, Notice, Outbox
from workflow.models.operations import Answer, CalendarVersion, Note, Sweep
from workflow.models.organisations import Area, FormerPlace, FormerUnit, Organ, Reorganisation
from workflow.models.people import (
    FormerPassword,
    Grant,
    GrantProposal,
    Person,
    ProviderLink,
    ProviderTrip,
    RecoveryCode,
    Relative,
    SecondFactor,
    SetupLink,
    SignIn,
    Throttle,
    Token,
)
from workflow.models.publishing import Impact, ImpactLine, Motion, Publication
from workflow.models.reading import FormerText, NewlyListed, SavedView, SearchText
from workflow.models.retention import Disposal, DisposalItem, Hold, Tombstone
from workflow.models.settings import SettingVersion
from workflow.models.votes import Ballot, Resolution

__all__ = [
    "AgendaItem",
    "Answer",
    "Area",
    "Ballot",
    "Barred",
    "BulkItem",
    "BulkRun",
    "CalendarVersion",
    "Case",
    "CaseKey",
    "Checkpoint",
    "Clock",
    "Content",
    "DefinitionText",
    "DefinitionVersion",
    "Delivery",
    "Disposal",
    "DisposalItem",
    "Draft",
    "DraftStep",
    "Event",
    "Evidence",
    "Export",
    "Facet",
    "FiredRung",
    "FormerFacet",
    "FormerPassword",
    "FormerPlace",
    "FormerText",
    "FormerUnit",
    "Grant",
    "GrantProposal",
    "Hold",
    "Impact",
    "ImpactLine",
    "ImportRow",
    "ImportRun",
    "Knower",
    "Link",
    "Loosening",
    "MailChoice",
    "Motion",
    "NewlyListed",
    "Note",
    "Notice",
    "Numbering",
    "Organ",
    "Outbox",
    "Party",
    "Person",
    "ProviderLink",
    "ProviderTrip",
    "Publication",
    "RecoveryCode",
    "RecusalHint",
    "Relative",
    "Reorganisation",
    "Request",
    "Resolution",
    "RuleFiring",
    "SavedView",
    "Scan",
    "SearchText",
    "SecondFactor",
    "Secret",
    "SettingVersion",
    "SetupLink",
    "Shipment",
    "ShipmentPlace",
    "Shipped",
    "SignIn",
    "Spell",
    "StoredFile",
    "Sweep",
    "Throttle",
    "Token",
    "Tombstone",
    "Trail",
    "metadata",
]
