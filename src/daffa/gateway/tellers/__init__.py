"""Who is told of every request once it has ended, and keeps it: adapters, named by ``app`` alone."""
