"""What every request passes: headers, limits, logs, problem documents, and the files of the page."""
