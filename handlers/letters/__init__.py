"""Letters: Word files in GB/T 9704-2012 layout, made of the facts of a case when somebody opens them.

The wording is in `config/letters/letters.yaml`, the layout in `paper.py` and `sheet.py`. Nothing typed by a user is
ever read as a template.
"""
