"""The commands. Each module parses arguments, calls one function of the library and prints."""
