"""A stand-in for Google over HTTP, as strict and as nasty as the real one."""
