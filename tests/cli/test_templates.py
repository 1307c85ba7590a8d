"""`gongdan template import`: what a check says, and that it is all it does."""


def test_a_check_changes_nothing(gongdan, tmp_path):
    pack = tmp_path / "pack.yaml"
    assert gongdan("template", "export", "it_fault", "--out", str(pack)).returncode == 0
    before = pack.read_text("utf-8")
    pack.write_text(before.replace("IT-", "ITX-"), encoding="utf-8")
    assert pack.read_text("utf-8") != before

    def stored():
        return gongdan("template", "export", "it_fault").stdout

    # Looked at as often as one likes, the pack is as new as the first time.
    checks = [gongdan("template", "import", "--check", str(pack)).stdout for _twice in range(2)]
    assert checks[0] == checks[1]
    status, *changes = checks[0].splitlines()
    assert status == "it_fault\tupdated"
    assert changes
    assert stored() == before
    done = gongdan("template", "import", str(pack))
    # What would be done was done, and is not said at such length.
    assert done.stdout.splitlines() == [status]
    assert gongdan("template", "import", "--check", str(pack)).stdout != checks[0]
