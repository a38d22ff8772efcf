"""Writes its arguments as a title."""

import sys

import inflection

print(inflection.titleize(" ".join(sys.argv[1:])))
