"""Calls staff to an emergency or a crisis: on every page, by e-mail and by webhook, until somebody has it in hand."""
