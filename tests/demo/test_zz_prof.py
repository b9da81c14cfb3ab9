import time, cProfile, pstats
from genko.demo.fill import fill
def test_p(database, connector, sandbox):
    p=cProfile.Profile(); t=time.monotonic(); p.enable()
    fill(database, connector, sandbox.base_url, email="ada@x.example", password="a good long password")
    p.disable(); print("SECONDS", time.monotonic()-t)
    pstats.Stats(p).sort_stats("cumtime").print_stats(28)
