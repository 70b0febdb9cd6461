"""What the dataset says of itself: counts, and files to download."""
