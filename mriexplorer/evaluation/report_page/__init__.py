"""One HTML file that shows an evaluation without a network, and its figures in Markdown."""

from mriexplorer.evaluation.report_page.markdown import write_card_table, write_markdown_summary
from mriexplorer.evaluation.report_page.page import write_report

__all__ = ["write_card_table", "write_markdown_summary", "write_report"]
