"""The designer of definitions: a draft's text, shown as a drawing, as panels and as text, each edit in all three."""
