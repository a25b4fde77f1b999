"""The window: widgets tell what is asked for and draw what is; they hold nothing."""
