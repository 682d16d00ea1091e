"""What pages, commands, exports and reports may look at: frozen dataclasses, made in one read-only snapshot.

May import everything of `workflow/` but the verbs' bodies that change something; writes nothing, except that a bell is read.
Every function takes (store, occasion, actor, …); whoever may not see a case gets nothing of it, not even its count.
"""
