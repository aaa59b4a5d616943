"""Rows over time become rates, trends, dead letters and the sentence that explains them. Empty until the live board is written."""
