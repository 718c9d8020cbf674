"""What makes a bare machine serve the portal."""
