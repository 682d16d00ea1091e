"""configuration: what administrators set beside workflows, seen, proposed, decided, and carried to another installation."""
