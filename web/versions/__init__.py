"""New versions of a kind, for administrators of workflows: what changes, what it would do, and two people who say yes to it.

Pages and the command line say the same sentences. Nothing here shows a title, a fact or a person of a case.
"""
