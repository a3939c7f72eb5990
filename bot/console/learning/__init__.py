"""Learning from what was not understood: an inbox, redaction, and exports to train and to test with."""
