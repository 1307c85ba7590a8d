"""Tags over the API: by name, made by who may, in lists and alone."""

TICKETS = "/api/v1/tickets"


def patched(client, url, tags):
    return client.patch(url, json={"fields": {"tags": tags}})


def test_tags_are_written_and_read_by_name(shelf, clerk):
    url = f"{TICKETS}/{shelf.numbers[1]}"
    assert clerk.get(url).json["fields"]["tags"] == []
    answer = patched(clerk, url, ["接口加急", "ＶＩＰ客户"])
    assert answer.status_code == 200, answer.text
    assert answer.json["fields"]["tags"] == ["接口加急", "VIP客户"]
    assert patched(clerk, url, {"add": ["投诉"], "remove": ["vip客户"]}).json["fields"]["tags"] == ["接口加急", "投诉"]
    (item,) = [
        one
        for one in shelf.get(clerk, "/tickets", template=shelf.template, only=["number", "fields.tags"]).json["items"]
        if one["number"] == shelf.numbers[1]
    ]
    assert item["fields"] == {"tags": ["接口加急", "投诉"]}
    assert patched(clerk, url, None).json["fields"]["tags"] == []


def test_tags_that_are_none_are_refused_at_their_place(shelf, clerk, technician):
    for wrong in ("vip", [7], [""], ["x" * 61], {"set": []}):
        answer = patched(clerk, f"{TICKETS}/{shelf.numbers[1]}", wrong)
        assert (answer.status_code, answer.json["errors"][0]["pointer"][:13]) == (422, "#/fields/tags"), wrong
    answer = patched(technician, f"{TICKETS}/{shelf.numbers[0]}", ["从未有过的词"])
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/fields/tags")


def test_a_list_is_narrowed_to_a_tag_by_its_name(shelf, clerk, technician):
    number = shelf.numbers[1]
    patched(clerk, f"{TICKETS}/{number}", ["窄带标签ABC"])
    assert shelf.listed(clerk, tag="窄带标签ABC") == [number]
    assert shelf.listed(clerk, tag=" 窄带标签ａｂｃ ") == [number]
    refused = shelf.get(clerk, "/tickets", tag="没有这个标签")
    assert refused.status_code == 422
    assert (refused.json["errors"][0]["pointer"], refused.json["errors"][0]["code"]) == ("#/tag", "unknown")
    assert "没有这个标签" in refused.json["errors"][0]["message"]
    assert shelf.listed(technician, tag="窄带标签ABC") == []
    found = clerk.post(f"{TICKETS}/search", json={"tag": "窄带标签ABC", "only": ["number"]})
    assert found.json["items"] == [{"number": number}]
    for wrong in ("", "x" * 61):
        assert shelf.get(clerk, "/tickets", tag=wrong).status_code == 422
