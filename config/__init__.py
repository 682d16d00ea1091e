"""config: the settings, and everything that ships as data: definitions, calendars, letters, the demo county.

It may import the standard library and PyYAML.
It must not import another room, open a database or decide anything.
"""
