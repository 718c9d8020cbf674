"""The pages of commendations."""
