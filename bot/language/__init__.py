"""Reading patients' words: answers to a known question, and danger signs in context."""
