"""Retention and disposal: how long cases are kept, what is due for appraisal, and how two people end one (R74).

A disposal destroys everything that a case says and leaves a tombstone; number, history of steps and chain stay. It may import
what the verbs do; nothing here may be reached by one person alone.
"""
