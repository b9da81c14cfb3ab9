from tests.quick import hasty_postgresql, sandbox, served  # noqa: F401
from tests.workers import staffed  # noqa: F401
