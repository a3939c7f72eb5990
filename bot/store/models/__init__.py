"""The tables, one file for each part of the clinic's life."""

from bot.store.models.base import Base, utc_now
from bot.store.models.booking import AppointmentRow, BookingRequestRow, EmailRow, ScheduleChangeRow, ScheduleRow
from bot.store.models.conversation import Assessment, Conversation, Message, TrackerEvent, TrackerSnapshot
from bot.store.models.messenger import MessengerDeletion, MessengerEvent, MessengerPicture, MessengerSend
from bot.store.models.watch import Alert, ChannelSwitch

__all__ = [
    "Alert",
    "AppointmentRow",
    "Assessment",
    "Base",
    "BookingRequestRow",
    "ChannelSwitch",
    "Conversation",
    "EmailRow",
    "Message",
    "MessengerDeletion",
    "MessengerEvent",
    "MessengerPicture",
    "MessengerSend",
    "ScheduleChangeRow",
    "ScheduleRow",
    "TrackerEvent",
    "TrackerSnapshot",
    "utc_now",
]
