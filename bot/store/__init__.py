"""The database: typed models, sessions and migrations."""

from bot.store.database import Database
from bot.store.transactions import Transactions

__all__ = ["Database", "Transactions"]
