"""`make bench`: our running system beside a stock Rasa, on the same training data and the same conversations."""
