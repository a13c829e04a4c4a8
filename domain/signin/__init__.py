"""The rules of sign-in: tokens, lifetimes, waits, passwords. Pure: time is an argument, and so is what is known."""
