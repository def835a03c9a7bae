"""Great Expectations on what dbt does not see: the landing as loaded, the file before publication.

The suites are data (`suites`), so that they can be read, tested and reported without the library;
only `engine` imports Great Expectations, in a process of its own (`worker`), while dbt works.
"""
