"""Panels beside the planes: a file each, by the names of ``view.panels.SidePanel``, and their parts."""
