"""rasa-sdk actions: thin functions that call the plain Python in bot/."""
