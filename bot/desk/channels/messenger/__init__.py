"""Facebook Messenger: the webhook, the sending, and the pages around it."""

from __future__ import annotations

from collections.abc import Callable

from bot.clinic import Clinic
from bot.desk.channels.messenger.channel import Messenger
from bot.desk.channels.messenger.gate import Gate
from bot.desk.channels.messenger.graph import Graph
from bot.desk.channels.messenger.intake import Intake
from bot.desk.channels.messenger.pages import Pages
from bot.desk.channels.messenger.pictures import Pictures
from bot.desk.channels.messenger.render import Renderer
from bot.desk.channels.messenger.texts import MessengerTexts
from bot.desk.erase import Eraser
from bot.desk.events import Events
from bot.desk.inbox import Inbox
from bot.desk.tokens import Tokens
from bot.settings import MessengerSettings, Settings
from bot.store import Transactions

__all__ = ["Messenger", "build_messenger"]


def build_messenger(
    settings: Settings,
    page: MessengerSettings,
    clinic: Clinic,
    transactions: Transactions,
    inbox: Inbox,
    events: Events,
    eraser: Eraser,
    tokens: Tokens,
    deliver: Callable[[str], None],
) -> Messenger:
    """The channel of this page, with all its parts; its `run` must run as long as the desk does."""
    texts, graph = MessengerTexts.load(clinic), Graph(page)
    intake = Intake(transactions, inbox, events, texts, page.mode, deliver)
    pages = Pages(settings, page.app_secret, transactions, eraser, events, tokens, texts)
    return Messenger(page, transactions, graph, intake, Renderer(texts), pages, Pictures(transactions, graph), Gate())
