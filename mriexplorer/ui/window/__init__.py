"""The main window, its menus, and what connects them to the session."""
