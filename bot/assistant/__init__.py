"""What runs inside Rasa: input channel, tracker store and NLU components."""
