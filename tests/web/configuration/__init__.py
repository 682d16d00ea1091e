"""web/configuration: settings on pages and on the command line."""
