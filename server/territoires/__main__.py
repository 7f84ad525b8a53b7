"""`python -m territoires` is the command `territoires`."""

from territoires.cli import main

main()
