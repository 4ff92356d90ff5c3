"""TLS to a database of one's own: `sslmode=verify-full`, and each way in which it must refuse."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from certificates import DAY, NOW, Authority
from clusters import PROGRAMS, OwnCluster
from running import PROGRAM, Server, run, said

pytestmark = [
    pytest.mark.skipif(not PROGRAM.exists(), reason="nothing is built"),
    pytest.mark.skipif(PROGRAMS is None, reason="there is no PostgreSQL"),
]


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
def cluster():
    cluster = OwnCluster()
    yield cluster
    cluster.remove()


def with_certificate(cluster, certificate, key):
    """Starts the cluster with TLS."""
    for name, content in (("server.crt", certificate), ("server.key", key)):
        path = cluster.folder / name
        path.write_bytes(content)
        path.chmod(0o600)
        cluster.own(path)
    return cluster.start(ssl="on", ssl_cert_file=cluster.folder / "server.crt",
                         ssl_key_file=cluster.folder / "server.key")


def trusted(folder, authority):
    path = folder / "authority.crt"
    path.write_bytes(authority.certificate)
    return {"sslmode": "verify-full", "sslrootcert": f"'{path}'"}


def test_the_right_certificate_serves(cluster, authority, make_folder):
    place = make_folder()
    words = trusted(place, authority)
    with_certificate(cluster, *authority.sign("localhost"))
    cluster.make_market(place, **words)
    server = Server(place, **cluster.settings(**words)).ready()
    assert server.get("/readyz")[0] == 200
    connections = cluster.psql("postgres", """
        select count(*), bool_and(s.ssl), bool_and(s.version in ('TLSv1.2', 'TLSv1.3'))
        from pg_stat_ssl s join pg_stat_activity a using (pid)
        where a.usename like 'aikatori%'""").split("|")
    assert int(connections[0]) > 0 and connections[1:] == ["t", "t"]
    verified = run(place, "verify", **cluster.settings(**words))
    assert verified.returncode == 0, said(verified)
    assert server.end() == 0


# What is wrong with the server, and what must be said of it.
WRONG = {
    "another host's certificate": (
        lambda own: own.sign("db.example"), True, ["does not match host name", "sslmode"]),
    "an authority that is not trusted": (
        lambda own: Authority("Another authority").sign("localhost"), True,
        ["certificate verify failed", "sslrootcert"]),
    "an expired certificate": (
        lambda own: own.sign("localhost", NOW - 9 * DAY, NOW - DAY), True,
        ["certificate verify failed", "expired", "sslrootcert"]),
    "a certificate that is not valid yet": (
        lambda own: own.sign("localhost", NOW + DAY, NOW + 9 * DAY), True,
        ["certificate verify failed", "not valid yet", "sslrootcert"]),
    "no TLS at all": (lambda own: own.sign("localhost"), False,
                      ["does not support SSL", "ssl = on"]),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_server_is_refused_with_what_to_do(cluster, authority, make_folder, wrong):
    sign, has_tls, words = WRONG[wrong]
    place = make_folder()
    if has_tls:
        with_certificate(cluster, *sign(authority))
    else:
        cluster.start(ssl="off")
    settings = cluster.settings(**trusted(place, authority))
    began = time.monotonic()
    with ThreadPoolExecutor() as threads:
        commands = ["serve", "migrate", "verify"]
        outcomes = threads.map(
            lambda command: run(place, command, timeout=40, **settings), commands)
        for command, refused in zip(commands, outcomes):
            assert refused.returncode == 1, f"{command}: {said(refused)}"
            message = refused.stderr.split("Error: ")[-1]
            assert message.startswith("the database cannot be reached: "), message
            for word in words:
                assert word in message, f"{command}: {message}"
            assert "aikatori_" not in message, "the connection string may hold a password"
    assert time.monotonic() - began < 30


def test_an_authority_that_is_not_there(cluster, authority, make_folder):
    place = make_folder()
    with_certificate(cluster, *authority.sign("localhost"))
    refused = run(place, "migrate", timeout=40, **cluster.settings(
        sslmode="verify-full", sslrootcert=f"'{place / 'nothing.crt'}'"))
    assert refused.returncode == 1
    assert "does not exist" in refused.stderr and "sslrootcert" in refused.stderr
