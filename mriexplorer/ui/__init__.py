"""The window: the only room that knows PySide6 and pyqtgraph. Widgets say what was wished and draw what is."""
