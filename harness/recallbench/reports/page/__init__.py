"""The HTML pages: values for each part of a page, and their templates."""
