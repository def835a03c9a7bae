"""Pointworth: what one point of Net Promoter Score is worth.

The analytics are SQL (the dbt project around this package); this package orchestrates and
validates.
"""
