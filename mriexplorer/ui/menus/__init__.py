"""What can be done from menus and by keys: a table for each menu, and what makes menus of them."""
