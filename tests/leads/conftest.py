import pytest

pytest.register_assert_rewrite("tests.steps")

from tests.quick import hasty_postgresql, sandbox, served, travel  # noqa: E402, F401
