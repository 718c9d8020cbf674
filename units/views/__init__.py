"""The pages of the register of units."""
