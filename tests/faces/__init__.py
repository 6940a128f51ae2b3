"""What can be checked of the faces without a browser: words, colours, weights, content. The rest is in tests/browser."""
