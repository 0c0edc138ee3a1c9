"""The Batch page: jobs over many files. They run in processes of their own and go on when the window is closed."""
