"""Pages of the area `help`: what each role does with Duban, with pictures of its own pages, and the tour of the first day."""
