"""Every table, by the name of one of its rows. Read as `tables.Item`, beside the core's `Item`."""

from orchestrator.store.tables.administration import AgentRevision, ApiKey, AuditEntry, ClientSecret, Price
from orchestrator.store.tables.base import Base
from orchestrator.store.tables.conversation import (
    Call,
    Conversation,
    Handoff,
    Item,
    KeptRecord,
    Lease,
    Note,
    Recording,
    Response,
    Session,
    Settlement,
    StateRevision,
    ToolRun,
)
from orchestrator.store.tables.pages import PageSession, SavedFilter, SignInTicket
from orchestrator.store.tables.replay import Replay, ReplayCase

__all__ = [
    "AgentRevision",
    "ApiKey",
    "AuditEntry",
    "Base",
    "Call",
    "ClientSecret",
    "Conversation",
    "Handoff",
    "Item",
    "KeptRecord",
    "Lease",
    "Note",
    "PageSession",
    "Price",
    "Recording",
    "Replay",
    "ReplayCase",
    "Response",
    "SavedFilter",
    "Session",
    "Settlement",
    "SignInTicket",
    "StateRevision",
    "ToolRun",
]
