"""The dbt project of a run: read, kept, built and judged."""
