"""The page that a pass's link opens: for visitors, without an account (docs/visitor-page.md)."""
