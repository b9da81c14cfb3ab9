from tests.quick import sandbox, served  # noqa: F401
