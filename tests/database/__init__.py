"""PostgreSQL as the tests use it: made, migrated, emptied by the *owner*; everything else runs as the role *app*."""
