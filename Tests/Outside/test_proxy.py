"""Behind Debian's nginx, with the configuration that docs/operating.md gives."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from browser import CHROMIUM, DRIVER, Browser
from certificates import Authority
from clusters import free_port
from pages import BUYER
from running import PROGRAM, ROOT, Server, remove

NGINX, CURL = shutil.which("nginx", path="/usr/sbin:/usr/bin"), shutil.which("curl")
HOST = "aikatori.example"

pytestmark = [
    pytest.mark.skipif(not PROGRAM.exists(), reason="nothing is built"),
    pytest.mark.skipif(not (NGINX and CURL), reason="there is no nginx or no curl"),
]


def configuration():
    """The one block of the document."""
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^```nginx\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return block


class Proxy:
    """nginx as the user that we are, in a folder of its own."""

    def __init__(self, upstream):
        self.folder = Path(tempfile.mkdtemp(prefix="aikatori-nginx-"))
        self.port, self.plain = free_port(), free_port()
        authority = Authority()
        certificate, key = authority.sign(HOST)
        for name, content in (("authority", authority.certificate), ("crt", certificate),
                              ("key", key)):
            (self.folder / name).write_bytes(content)
        block = configuration()
        for old, new in {
            "127.0.0.1:8080": f"127.0.0.1:{upstream}",
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "/etc/ssl/aikatori.crt": self.folder / "crt",
            "/etc/ssl/aikatori.key": self.folder / "key",
        }.items():
            assert block.count(old) == 1, old
            block = block.replace(old, str(new))
        temporary = "\n".join(
            f"{name}_temp_path {self.folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        # As root, nginx would work as somebody who may not enter the folder.
        user = "user root;\n" if os.geteuid() == 0 else ""
        (self.folder / "conf").write_text(
            f"{user}daemon off;\npid {self.folder}/pid;\nerror_log {self.folder}/error.log;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{temporary}\n{block}}}\n")
        self.process = subprocess.Popen(
            [NGINX, "-p", self.folder, "-e", self.folder / "error.log",
             "-c", self.folder / "conf"], stdin=subprocess.DEVNULL)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, self.complaints()
            time.sleep(0.1)
        raise AssertionError(self.complaints())

    def complaints(self):
        return (self.folder / "error.log").read_text()

    def curl(self, path, *arguments):
        """The status with the protocol's version, the headers, and the body."""
        done = subprocess.run(
            [CURL, "--silent", "--show-error", "--include", "--max-time", "30",
             "--cacert", self.folder / "authority",
             "--connect-to", f"{HOST}:443:127.0.0.1:{self.port}",
             *arguments, f"https://{HOST}{path}"],
            capture_output=True, text=True, timeout=40, check=False)
        assert done.returncode == 0, done.stderr + self.complaints()
        head, _, body = done.stdout.partition("\n\n")
        first, *lines = head.splitlines()
        headers = [tuple(line.split(": ", 1)) for line in lines]
        return first.split()[:2], headers, body

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        shutil.rmtree(self.folder)


@pytest.fixture(scope="module")
def server():
    folder = Path(tempfile.mkdtemp(prefix="aikatori proxied "))
    folder.chmod(0o755)
    server = Server(folder, AIKATORI_TRUSTED_PROXIES="127.0.0.1").ready()
    yield server
    assert server.end() == 0, server.said()
    remove(folder)


@pytest.fixture(scope="module")
def proxy(server):
    proxy = Proxy(server.port)
    yield proxy
    proxy.end()


def values(headers, name):
    return [value for key, value in headers if key.lower() == name]


def test_http_2_over_https_with_each_header_once(proxy, server):
    token = server.tokens[0]
    status, headers, body = proxy.curl(
        "/v1/organisation", "--http2", "-H", f"Authorization: Bearer {token}")
    assert status == ["HTTP/2", "200"] and json.loads(body)["id"].startswith("org_")
    assert values(headers, "strict-transport-security") == ["max-age=31536000"]
    assert values(headers, "x-content-type-options") == ["nosniff"]
    for version in ("--http1.1", "--http2"):
        status, headers, _ = proxy.curl("/nothing", version)
        assert status[1] == "404"
        assert values(headers, "strict-transport-security") == ["max-age=31536000"]


@pytest.mark.filterwarnings("ignore:.*TLSv1_1 is deprecated")
@pytest.mark.parametrize("version, spoken", [
    (ssl.TLSVersion.TLSv1_1, None), (ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
    (ssl.TLSVersion.TLSv1_3, "TLSv1.3")])
def test_tls_1_2_or_newer(proxy, version, spoken):
    context = ssl.create_default_context(cafile=proxy.folder / "authority")
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", proxy.port)) as plain:
        if spoken is None:
            with pytest.raises(ssl.SSLError):
                context.wrap_socket(plain, server_hostname=HOST)
        else:
            with context.wrap_socket(plain, server_hostname=HOST) as secure:
                assert secure.version() == spoken


def test_plain_http_is_sent_on_to_https(proxy):
    done = subprocess.run(
        [CURL, "--silent", "--include", "--resolve", f"{HOST}:{proxy.plain}:127.0.0.1",
         f"http://{HOST}:{proxy.plain}/find?minutes=30"],
        capture_output=True, text=True, timeout=20, check=False)
    assert done.stdout.startswith("HTTP/1.1 301 ")
    assert f"Location: https://{HOST}/find?minutes=30" in done.stdout


def sign_in(proxy, server):
    """The cookie that a sign-in through the proxy sets."""
    _, headers, page = proxy.curl("/sign-in")
    [visit] = values(headers, "set-cookie")
    member = re.search(r'name="member" value="(member_[a-z0-9]+)"', page).group(1)
    seal = re.search(r'name="seal" value="([^"]+)"', page).group(1)
    status, headers, _ = proxy.curl(
        "/sign-in", "--cookie", visit.split(";")[0], "--data-urlencode", f"member={member}",
        "--data-urlencode", f"seal={seal}")
    assert status[1] == "303"
    return next(each for each in values(headers, "set-cookie") if "_login=" in each)


def test_the_login_is_for_this_host_and_https_alone(proxy, server):
    cookie = sign_in(proxy, server)
    assert re.match(r"__Host-aikatori_login=aik_[\w-]{43}; ", cookie)
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    status, _, page = proxy.curl("/", "--cookie", cookie.split(";")[0])
    assert status[1] == "200" and "/sign-out" in page


def test_a_body_may_be_as_long_as_the_program_takes_it(proxy, server):
    large = proxy.folder / "large"
    for size, expected in ((10_500_000, "401"), (11_600_000, "413")):
        large.write_bytes(b" " * size)
        status, headers, _ = proxy.curl(
            "/v1/bank-files", "--data-binary", f"@{large}", "-H", "Content-Type: text/xml",
            "-H", "Expect:")
        assert status[1] == expected
        assert values(headers, "strict-transport-security") == ["max-age=31536000"]


def test_a_stream_comes_at_once(proxy, server):
    cookie = sign_in(proxy, server).split(";")[0]
    with subprocess.Popen(
        [CURL, "--silent", "--no-buffer", "--include", "--http2", "--max-time", "60",
         "--cacert", proxy.folder / "authority",
         "--connect-to", f"{HOST}:443:127.0.0.1:{proxy.port}", "--cookie", cookie,
         f"https://{HOST}/live?after=0-0"], stdout=subprocess.PIPE, text=True) as stream:
        try:
            began = time.monotonic()
            lines = []
            for line in stream.stdout:
                lines.append(line.strip())
                if lines[-1].startswith("data: "):
                    break
            assert time.monotonic() - began < 5, lines
            assert lines[0] == "HTTP/2 200" and "content-type: text/event-stream" in "".join(lines)
        finally:
            stream.terminate()


def test_what_clients_say_of_their_address_is_replaced():
    folder = Path(tempfile.mkdtemp(prefix="aikatori proxied "))
    folder.chmod(0o755)
    server = Server(folder, AIKATORI_TRUSTED_PROXIES="127.0.0.1",
                    AIKATORI_REQUESTS_PER_ADDRESS="5").ready()
    proxy = Proxy(server.port)
    try:
        statuses = []
        for number in range(8):
            forged = f"198.51.100.{number}"
            status, _, _ = proxy.curl(
                "/healthz", "-H", f"X-Forwarded-For: {forged}", "-H", f"X-Real-IP: {forged}",
                "-H", f"Forwarded: for={forged}", "-H", "X-Forwarded-Proto: http")
            statuses.append(status[1])
        assert statuses[:5] == ["200"] * 5 and statuses[-1] == "429"
    finally:
        proxy.end()
        assert server.end() == 0
        remove(folder)


@pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="there is no chromium or its driver")
def test_a_browser_signs_in_through_it(proxy, server):
    browser = Browser(
        f"https://{HOST}", extra=[
            f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{proxy.port}",
            # The authority is this test's own.
            "--ignore-certificate-errors"])
    try:
        browser.sign_in(BUYER, "scheduler")
        assert browser.heading == "Start"
        cookies = {cookie["name"]: cookie for cookie in browser.driver.get_cookies()}
        assert cookies["__Host-aikatori_login"]["secure"]
        browser.open("/bookings")
        protocol = browser.driver.execute_script(
            "return performance.getEntriesByType('navigation')[0].nextHopProtocol")
        assert protocol == "h2" and browser.complaints() == []
    finally:
        browser.close()
