"""What is taken away: counted and marked before it is made, and listed to whoever answers for it."""
