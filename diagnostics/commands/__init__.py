"""What can be asked on the command line: one module a command, each from words to an exit status.

A command's module is imported only when it was asked for; `answering` holds what they share.
"""
