#!/usr/bin/env python3
"""Django's command line. `./run manage …` starts the servers first where they are down."""

import os
import sys

# These need the database's owner; everything else runs as the role that cannot alter the trail.
OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "dbshell", "flush", "backup", "restore"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "movement.settings.development")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ.setdefault("PORTAL_DB_ROLE", "owner")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
