"""`python -m lectern.cli`: the `lectern` command without the script."""

from lectern.cli import main

main()
