"""The study: protocols x recipes x seeds, in parallel and resumable, with tables, paired tests and figures."""
