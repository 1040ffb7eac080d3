"""What ``make docs`` needs beside mkdocs: links, reference pages, the check of docstrings."""
