"""The database: typed models, sessions and migrations."""

from bot.store.database import Database

__all__ = ["Database"]
