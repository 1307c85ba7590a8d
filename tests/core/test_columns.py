"""Columns mean the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Integer, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Encrypted, Json, UtcDateTime, instant_text
from app.core.db import Base, folded
from app.core.keyring import KEYRING, Keyring


class Sample(Base):
    __tablename__ = "test_sample"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    data: Mapped[dict | None] = mapped_column(Json)
    secret: Mapped[str | None] = mapped_column(Encrypted)


Base.metadata.remove(Sample.__table__)


@pytest.fixture
def samples(work):
    Sample.__table__.create(work.session.connection())
    return work.session


def test_instants_keep_their_moment_and_order(samples):
    shanghai = timezone(timedelta(hours=8))
    moments = [datetime(2026, 11, 21, 16, 30, tzinfo=shanghai), datetime(2026, 11, 21, 8, 29, 59, 999999, tzinfo=UTC),
               datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]  # fmt: skip
    samples.add_all([Sample(at=moment) for moment in moments])
    samples.flush()
    samples.expire_all()
    assert samples.scalars(select(Sample.at).order_by(Sample.at)).all() == sorted(moments)


def test_a_naive_time_is_a_bug(samples):
    with pytest.raises(StatementError, match="naive"):
        samples.execute(select(Sample).where(Sample.at == datetime(2026, 1, 1)))  # noqa: DTZ001 - the point


def test_instant_text_has_one_width():
    assert instant_text(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000000Z"


def test_json_reads_back_as_written(samples):
    data = {"名": "空调", "n": 10**15, "list": [1, None, {"a": True}], "emoji": "🔧"}
    samples.add_all([Sample(id=1, data=data), Sample(id=2, data=None)])
    samples.flush()
    samples.expire_all()
    assert samples.get(Sample, 1).data == data
    assert samples.scalar(select(Sample.id).where(Sample.data.is_(None))) == 2


def test_personal_text_is_unreadable_at_rest(samples):
    samples.add_all([Sample(id=1, secret="13800138000"), Sample(id=2, secret="13800138000")])
    samples.flush()
    samples.expire_all()
    raw = samples.execute(text("SELECT secret FROM test_sample ORDER BY id")).scalars().all()
    assert "13800138000" not in "".join(raw)
    assert raw[0] != raw[1]
    assert samples.get(Sample, 1).secret == "13800138000"


def test_keys_rotate_and_the_blind_index_stays():
    old, new = Keyring(), Keyring()
    old.load(["an old secret of the tests"])
    new.load(["a new secret of the tests", "an old secret of the tests"])
    assert new.decrypt(old.encrypt("13800138000")) == "13800138000"
    assert new.blind_index("13800138000") == old.blind_index("13800138000")
    assert KEYRING.blind_index("13800138000") != old.blind_index("13800138000")


def test_an_empty_keyring_refuses():
    with pytest.raises(RuntimeError, match="empty"):
        Keyring().encrypt("x")


@pytest.mark.parametrize(
    ("typed", "compared"),
    [("  ＡＢＣ  12 ", "abc 12"), ("Straße", "strasse"), ("ÄÖ", "äö"), ("空调　不冷", "空调 不冷")],
)
def test_texts_compare_folded(typed, compared):
    assert folded(typed) == compared
