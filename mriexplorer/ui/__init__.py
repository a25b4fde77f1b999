"""The window: widgets say what was wished and draw what is; they hold nothing."""
