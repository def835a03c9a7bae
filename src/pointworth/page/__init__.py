"""The page people look at: one file that needs no network, from published marts only."""

from pointworth.page.page import Facts, Page, write_page

__all__ = ["Facts", "Page", "write_page"]
