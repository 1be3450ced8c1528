"""How it is said: page, terminal, Markdown, pictures."""
