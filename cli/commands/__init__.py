"""One module for each group of commands: words are parsed, the desk is asked, a page is printed."""
