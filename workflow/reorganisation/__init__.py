"""Changes of areas and organs by their effective date: renamed, merged, split, moved, ended.

What is asked for is put down with its reason and done on its day, by the request itself or by the scheduler. The preview and
the change are the same code, so what was shown is what happens.
"""
