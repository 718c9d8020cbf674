"""Writing practice models, points and exemplars."""
