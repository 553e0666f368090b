"""What the web and device surfaces share: headers, limits, errors, texts, sessions."""
