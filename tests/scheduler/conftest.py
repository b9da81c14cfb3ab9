from tests.quick import sandbox, served  # noqa: F401
from tests.workers import staffed  # noqa: F401
