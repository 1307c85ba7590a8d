"""HEAD is GET without the body: it never writes, whatever a view does at a POST."""

from sqlalchemy import func, select

from app.people.models import Tag


def test_head_answers_as_get_does_and_writes_nothing(web, client_as):
    client = client_as("administrator")
    count = select(func.count()).select_from(Tag)
    with web.extensions["gongdan"].engine.connect() as connection:
        before = connection.scalar(count)
    for url in ("/login/", "/tags/add", "/healthz", "/customers/list/"):
        asked, headed = client.get(url), client.head(url)
        assert (headed.status_code, headed.data) == (asked.status_code, b""), url
    client.head("/tags/add", data={"name": "made by HEAD"})
    with web.extensions["gongdan"].engine.connect() as connection:
        assert connection.scalar(count) == before
