"""The benches there are: names are typed by people and scripts, and never renamed."""

from app.bench import BENCHES
from app.bench.base import Measurement

PROMISED = {"change_path", "conditions", "ticket_edit", "list_page", "ticket_page", "search", "excel_export",
            "excel_import", "pdf", "startup", "web", "board"}  # fmt: skip


def test_every_promised_bench_is_there_and_says_what_it_measures():
    BENCHES.scan()
    assert set(BENCHES.names()) >= PROMISED
    assert all(one.about and one.rows > 0 for one in BENCHES)


def test_a_figure_is_an_object_with_its_ratio():
    printed = Measurement("pdf", 100, 3.0, 2.0, "ms").as_json("sqlite")
    assert printed == {
        "metric": "pdf", "database": "sqlite", "rows": 100, "ours": 3.0, "limit": 2.0, "ratio": 1.5, "unit": "ms",
    }  # fmt: skip
    assert Measurement("pdf", 1, 1.0, 0.0, "ms").as_json("sqlite")["ratio"] == 0.0
