"""Pure decisions: what to ask next, how urgent it is, how far the story fits the hip flexors."""
