"""What administrators set beside workflows, in versions: proposed by one, agreed to by another, in force for the next request.

It may import what the engine may. It must not know which kinds of setting there are: they are handed in (`handlers/settings`).
"""
