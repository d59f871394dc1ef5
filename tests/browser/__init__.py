"""The pages in a real headless Chromium: `make browser`."""
