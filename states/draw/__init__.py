"""A definition as a picture: SVG of our own making, and Mermaid text.

Ids are ASCII, labels are in the language asked for. Mermaid's own renderer is large and fails on Chinese state names, so
pages show the SVG; the text is for documents that are written elsewhere.
"""

from states.draw.mermaid import mermaid
from states.draw.render import Lines, svg

__all__ = ["Lines", "mermaid", "svg"]
