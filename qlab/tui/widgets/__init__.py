"""What the screens are made of, one noun a file."""
