"""The review of conversations: their summary for the queue, claims, search, notes and verdicts."""
