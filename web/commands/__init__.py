"""The commands of `duban`, one file each; `web/cli.py` lists them."""
