"""One module or package a question: tidy frames out, codes and numbers only."""
