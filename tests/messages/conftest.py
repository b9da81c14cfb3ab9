import pytest

pytest.register_assert_rewrite("tests.steps")

from tests.quick import sandbox, served, travel  # noqa: E402, F401
