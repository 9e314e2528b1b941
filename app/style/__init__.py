"""How the application looks: colours, sizes, style sheet, icons. Knows nothing of pages or of pskd's rooms."""
