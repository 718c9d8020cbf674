"""Pages of practice models and exemplars."""
