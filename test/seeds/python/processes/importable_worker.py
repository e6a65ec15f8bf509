"""The target of importable-target.py, in a module that starts nothing."""


def worker():
    print('Worker')
