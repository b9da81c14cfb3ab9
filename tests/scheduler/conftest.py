from tests.workers import staffed  # noqa: F401
