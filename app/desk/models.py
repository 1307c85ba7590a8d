"""What a desk keeps for its people."""

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.audit import Audited
from app.core.columns import Json
from app.core.db import Base


class SavedView(Audited, Base):
    """A list of tickets somebody keeps: its filters, columns, order and groups, under a name."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    #: mine, team, all.
    audience: Mapped[str] = mapped_column(String(10))
    #: Whose view it is, of a team's.
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    #: Parameters of the list's address, as their texts.
    query: Mapped[dict[str, str]] = mapped_column(Json)
    position: Mapped[int] = mapped_column(Integer, default=0)
    #: Names of the roles whose list begins as this; only of a view for all.
    default_roles: Mapped[list[str]] = mapped_column(Json, default=list)
    #: Optimistic lock: 1 at first, one more at each change.
    version: Mapped[int] = mapped_column(Integer, default=1)
