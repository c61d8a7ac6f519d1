"""`python -m labs` is the command line."""

from labs.cli import main

main()
