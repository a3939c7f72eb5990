"""The tables, one file for each part of the clinic's life."""

from bot.store.models.base import Base, utc_now
from bot.store.models.booking import AppointmentRow, BookingRequestRow, EmailRow, ScheduleChangeRow, ScheduleRow
from bot.store.models.conversation import Assessment, Conversation, Message, TrackerEvent, TrackerSnapshot
from bot.store.models.insight import ConversationFigures, ConversationFlag, LearningItem, LegalHold, RetentionRun
from bot.store.models.messenger import MessengerDeletion, MessengerEvent, MessengerPicture, MessengerSend
from bot.store.models.review import (
    ConversationNote,
    ConversationReview,
    ConversationTag,
    ConversationViewer,
    Mention,
    ReadyReply,
    SavedView,
)
from bot.store.models.staff import AuditEntry, AuditHead, StaffAccount, StaffSession
from bot.store.models.watch import Alert, AlertNotice, ChannelSwitch

__all__ = [
    "Alert",
    "AlertNotice",
    "AppointmentRow",
    "Assessment",
    "AuditEntry",
    "AuditHead",
    "Base",
    "BookingRequestRow",
    "ChannelSwitch",
    "Conversation",
    "ConversationFigures",
    "ConversationFlag",
    "ConversationNote",
    "ConversationReview",
    "ConversationTag",
    "ConversationViewer",
    "EmailRow",
    "LearningItem",
    "LegalHold",
    "Mention",
    "Message",
    "MessengerDeletion",
    "MessengerEvent",
    "MessengerPicture",
    "MessengerSend",
    "ReadyReply",
    "RetentionRun",
    "SavedView",
    "ScheduleChangeRow",
    "ScheduleRow",
    "StaffAccount",
    "StaffSession",
    "TrackerEvent",
    "TrackerSnapshot",
    "utc_now",
]
