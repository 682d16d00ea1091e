"""The bodies of the engine's verbs, one file each; `workflow/engine.py` lists them and opens the transaction around them."""
