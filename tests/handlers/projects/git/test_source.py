import pytest

from supajobs.handlers.projects.git import RepositoryError, check_branch, check_url

HOSTILE = [
    "http://github.com/a/b",
    "git://github.com/a/b",
    "ssh://git@github.com/a/b",
    "ftp://github.com/a/b",
    "file:///etc",
    "file://localhost/etc",
    "/etc",
    "./a",
    "ext::sh -c touch% /tmp/x",
    "ext::sh",
    "https::https://github.com/a/b",
    "fd::17/a",
    "git@github.com:a/b.git",
    "--upload-pack=touch /tmp/x",
    "--upload-pack=x",
    "-u",
    "-https://github.com/a/b",
    "",
    "https://",
    "https:///a/b",
    "https://github.com",
    "https://github.com/",
    "https://user@github.com/a/b",
    "https://user:secret-token@github.com/a/b",
    "https://github.com@127.0.0.1/a/b",
    "https://github.com\\@127.0.0.1/a/b",
    "https://github.com/a/b?x=1",
    "https://github.com/a/b#x",
    "https://github.com/a/../../b",
    "https://github.com/a/%2e%2e/b",
    "https://github.com/a\n/b",
    "https://github.com/a%0aHost: x/b",
    "https://github.com/a%0Ab",
    "https://github.com/a b",
    "https://github.com/\x00",
    "https://github.com\t/a/b",
    "https://gïthub.com/a/b",
    "https://github.com:22/a/b",
    "https://github.com:0/a/b",
    "https://github.com:65536/a/b",
    "https://github.com:x/a/b",
    "https://github.com:٣/a/b",
    "https://127.0.0.1/a/b",
    "https://127.1/a/b",
    "https://2130706433/a/b",
    "https://0x7f000001/a/b",
    "https://0x7f.0.0.1/a/b",
    "https://0177.0.0.1/a/b",
    "https://127.0.0.0x1/a/b",
    "https://1.1.1.1/a/b",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/a/b",
    "https://[::ffff:127.0.0.1]/a/b",
    "https://[::ffff:7f00:1]/a/b",
    "https://[fd00:ec2::254]/a/b",
    "https://[64:ff9b::7f00:1]/a/b",
    "https://[fe80::1%25eth0]/a/b",
    "https://[::1/a/b",
    "https://①②⑦.⓪.⓪.①/a/b",
    "https://localhost/a/b",
    "https://a.localhost/a/b",
    "https://localhost./a/b",
    "https://github.com./a/b",
    "https://metadata.google.internal/a/b",
    "https://printer.local/a/b",
    "https://db/a/b",
    "https://-a.com/a/b",
    "https://a..com/a/b",
    "https://%6cocalhost/a/b",
    f"https://github.com/{'a' * 2000}",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused(url: str) -> None:
    with pytest.raises(RepositoryError) as refusal:
        check_url(url, allow_files=False)
    assert refusal.value.code == "repository_url_invalid"
    assert "secret-token" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "made"),
    [
        ("https://github.com/a/b", "https://github.com/a/b"),
        ("HTTPS://GitHub.COM:443/A/b.git", "https://github.com/A/b.git"),
        ("https://forge.example.org:8443/~me/b/", "https://forge.example.org:8443/~me/b/"),
        ("https://xn--bcher-kva.example/a/%C3%A4", "https://xn--bcher-kva.example/a/%C3%A4"),
        ("https://127.0.0.1.nip.io/a/b", "https://127.0.0.1.nip.io/a/b"),  # its name is looked up
    ],
)
def test_a_sound_address_is_written_in_one_way(url: str, made: str) -> None:
    assert check_url(url, allow_files=False).url == made


@pytest.mark.parametrize("url", ["file://host/a", "file:a", "file:///a b", "file:///%00"])
def test_a_hostile_path_is_refused(url: str) -> None:
    with pytest.raises(RepositoryError):
        check_url(url, allow_files=True)


@pytest.mark.parametrize(
    "branch",
    [
        "",
        "-f",
        "--upload-pack=x",
        "a b",
        "a..b",
        "a\nb",
        "a\0b",
        "/a",
        "a/",
        "a//b",
        ".a",
        "a/.b",
        "a.lock",
        "a.",
        "a~1",
        "a^",
        "a:b",
        "*",
        "a@{1}",
        "a\\b",
        "[a",
        "x" * 251,
        "\udcff",
    ],
)
def test_what_no_branch_is_called_is_refused(branch: str) -> None:
    with pytest.raises(RepositoryError) as refusal:
        check_branch(branch)
    assert refusal.value.code == "branch_name_invalid"


@pytest.mark.parametrize("branch", ["main", "feature/x-1", "ä", "a.b", "@", "v1.0"])
def test_what_a_branch_is_called_is_taken(branch: str) -> None:
    assert check_branch(branch) == branch
