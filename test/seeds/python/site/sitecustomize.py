"""Loaded by every interpreter of a recording: one write per line, as a terminal shows it, so that lines of two processes never mix."""
import sys

sys.stdout.reconfigure(line_buffering=True, write_through=False, encoding='utf-8')
