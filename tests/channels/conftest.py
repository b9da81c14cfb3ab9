from tests.quick import hasty_postgresql, sandbox, served  # noqa: F401
