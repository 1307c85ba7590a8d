"""Tables in and out: workbooks, CSV, ticket import and export."""
