"""The service report: fonts, layout, and the PDF of one ticket."""
