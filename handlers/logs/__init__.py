"""Process logs: what happened to each case, one event a row, as the histories of our own cases.

May import what every handler may. Reads rows and says what each activity means; it refuses nothing that the machine decides.
"""
