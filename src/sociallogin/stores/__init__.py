"""Where one-time use is counted."""
