"""From results to the finished report: chapters, a Quarto project, docx, pdf and html."""
