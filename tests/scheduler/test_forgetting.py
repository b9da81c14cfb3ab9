"""What the worker throws away once it is of no use to anybody."""

from datetime import timedelta

from genko import clock
from genko.access.models import StaffSession
from scheduler.jobs import jobs
from scheduler.worker import Worker
from tests.factories import Clinic
from tests.steps import everything


def test_the_worker_forgets_sessions_that_ended_long_ago(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        for number, days in enumerate((0, 20, 90)):
            at = clock.now() - timedelta(days=days)
            session.add(
                StaffSession(token_hash=f"{number}", staff_id=clinic.ada, created_at=at, last_seen_at=at)
            )
    [forget] = [job for job in jobs(2) if job.name == "forget"]
    forget.run(Worker(clinic.database, clinic.connector))
    assert [one.token_hash for one in everything(clinic.database, StaffSession)] == ["0", "1"]
