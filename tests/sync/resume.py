#!/usr/bin/env python3
"""Going on with a TLS session (RFC 8446 2.2): workers that lose their line and dial again, what that costs, and who
never gets the session of another.

usage: resume.py [CASE...]    (needs FEIST_BUILDDIR; the case with Dovecot also FEIST_SRCDIR)

The server in memory tells of each connection whether it went on with a session, and how many bytes and flights went
each way until the client was believed. Without a session the server's certificate comes along each time.
"""
import concurrent.futures
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from imap_server import Server

BUILD = os.path.abspath(os.environ["FEIST_BUILDDIR"])
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def must(ok, what, out=""):
    if not ok:
        raise AssertionError("%s\n%s" % (what, out[-3000:]))


def certificate(folder, name):
    """One that signs itself and is its own authority."""
    path = os.path.join(folder, name)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path + ".key", "-out", path + ".pem",
                    "-days", "2", "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return path


class Line:
    """Between client and server: counts until it is told to stop."""

    def __init__(self, client):
        self.client, (self.ours, self.theirs) = client, socket.socketpair()
        self.bytes, self.flights, self.last, self.counting = {"up": 0, "down": 0}, {"up": 0, "down": 0}, None, True
        threading.Thread(target=self.pump, args=(self.client, self.ours, "up"), daemon=True).start()
        threading.Thread(target=self.pump, args=(self.ours, self.client, "down"), daemon=True).start()

    def pump(self, a, b, way):
        try:
            while True:
                data = a.recv(65536)
                if not data:
                    break
                if self.counting:
                    self.bytes[way] += len(data)
                    self.flights[way] += self.last != way
                    self.last = way
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Secure(Server):
    """Connections under TLS; all but the last of `lives` are cut as soon as the mailbox is open."""

    def __init__(self, version, cert, lives=4):
        self.seen_lines, self.lives = [], lives
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = self.context.maximum_version = VERSIONS[version]
        self.context.load_cert_chain(cert + ".pem", cert + ".key")
        super().__init__("IMAP4rev1 SASL-IR IDLE", 3)
        self.before["IDLE"] = self.maybe_cut

    def maybe_cut(self):
        if len(self.seen_lines) < self.lives:
            self.arrive()
            raise OSError("cut")

    def serve(self, c):
        line = Line(c)
        try:
            tls = self.context.wrap_socket(line.theirs, server_side=True)
        except ssl.SSLError:
            return
        line.counting = False
        self.seen_lines.append((tls.session_reused, dict(line.flights), dict(line.bytes)))
        try:
            super().serve(tls)
        finally:
            for end in (tls, c):  # a file over the one and a thread at the other would keep them open
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            tls.close()


class World:
    def __init__(self, top):
        self.dir = tempfile.mkdtemp(dir=top)

    def drive(self, server, ca, script, user="joe", conf=(), wire=None):
        head = ["conf host localhost", "conf port %d" % server.port, "conf tls implicit", "conf user " + user,
                "conf mailboxes INBOX", "conf ssl_usesystemcerts no", "conf ssl_ca_certificates_file %s.pem" % ca,
                *("conf " + c for c in conf), "secret pw", "quiet",
                "start imap box %s %s/cache-%s %s/state/state.db" % (user, self.dir, user, self.dir)]
        env = dict(os.environ, FEIST_LIBEXEC=BUILD, **({"FEIST_WIRE_LOG": wire} if wire else {}))
        return subprocess.run([BUILD + "/tests/sync/drive"], input="\n".join(head + script) + "\n", text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, timeout=120).stdout


def subjects(n):
    return ",".join("message %d" % i for i in range(1, n + 1))


def goes_on(w, version):
    """Four connections of one worker: the first shakes hands in full, the others go on."""
    cert = certificate(w.dir, "one")
    s = Secure(version, cert)
    out = w.drive(s, cert, ["watch INBOX", "wait", "await INBOX 0 " + subjects(6), "rows INBOX", "quit"])
    must("message 6" in out and "timeout" not in out, "the mail comes over all of them", out)
    must([x[0] for x in s.seen_lines] == [False, True, True, True], "the first is new, the others go on: %s" % s.seen_lines, out)
    full, later = s.seen_lines[0], s.seen_lines[-1]
    must(later[2]["down"] * 2 < full[2]["down"], "no certificate comes any more: %s, %s" % (full, later))
    must(later[1]["up"] <= full[1]["up"], "no flight more: %s, %s" % (full, later))
    return "TLS %s: %d bytes in %d + %d flights, later %d bytes in %d + %d" % (
        version, sum(full[2].values()), full[1]["up"], full[1]["down"], sum(later[2].values()), later[1]["up"], later[1]["down"])


def goes_on_12(w):
    return goes_on(w, "1.2")


def goes_on_13(w):
    return goes_on(w, "1.3")


def not_for_another_account(w):
    """Two accounts at one server, one after the other and with one state: none has the session of the other."""
    cert = certificate(w.dir, "one")
    for version in VERSIONS:
        s = Secure(version, cert, lives=1)
        for user in ("joe", "eve", "joe"):
            w.drive(s, cert, ["watch INBOX", "wait", "quit"], user=user)
        must([x[0] for x in s.seen_lines] == [False] * 3, "each begins anew: %s" % s.seen_lines)


def forgotten_by_the_server(w):
    """Other keys for tickets (a restart): shaken hands in full, nobody notices."""
    cert = certificate(w.dir, "one")
    for version in VERSIONS:
        s = Secure(version, cert, lives=3)
        served = s.serve

        def forgetful(c, s=s, served=served, version=version):
            s.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            s.context.minimum_version = s.context.maximum_version = VERSIONS[version]
            s.context.load_cert_chain(cert + ".pem", cert + ".key")
            served(c)

        s.serve = forgetful
        out = w.drive(s, cert, ["watch INBOX", "wait", "await INBOX 0 " + subjects(5), "quit"], user="u" + version)
        must("timeout" not in out, "the mail comes", out)
        must([x[0] for x in s.seen_lines] == [False] * 3, "always in full: %s" % s.seen_lines)


def another_certificate_is_seen(w):
    """Who took the server's place knows no ticket: the certificate is judged, and refused."""
    one, two = certificate(w.dir, "one"), certificate(w.dir, "two")
    for version in VERSIONS:
        s = Secure(version, one, lives=2)
        served = s.serve

        def replaced(c, s=s, served=served, version=version):
            if s.seen_lines:
                s.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                s.context.minimum_version = s.context.maximum_version = VERSIONS[version]
                s.context.load_cert_chain(two + ".pem", two + ".key")
            served(c)

        s.serve = replaced
        out = w.drive(s, one, ["cert reject", "watch INBOX", "wait", "sync", "wait", "quit"], user="v" + version)
        must(len([x for x in s.seen if x.startswith("AUTHENTICATE")]) == 1, "no password for the other one", out)


def dovecot(w):
    """Dovecot 2.3 has keys of its own in each login process: with one process for all it goes on."""
    if not shutil.which("dovecot"):
        return "no dovecot: skipped"
    proc = subprocess.Popen([os.environ["FEIST_SRCDIR"] + "/tests/e2e/servers", w.dir + "/servers", "none"], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ, FEIST_LOGINS="1"))
    try:
        if proc.stdout.readline().strip() != "ready":
            return "no servers: skipped"
        ports = dict(x.split("=") for x in open(w.dir + "/servers/env").read().split() if x[-1] != "=")
        said = []
        for version, conf in (("1.3", []), ("1.2", ["ssl_use_tlsv1_3 no"])):
            wire = "%s/wire%s" % (w.dir, version)
            doveadm = ["doveadm", "-c", w.dir + "/servers/dovecot.conf"]
            where = type("At", (), {"port": int(ports["IMAPS"])})

            def kick():
                end = time.monotonic() + 20
                while time.monotonic() < end and " IDLE" not in (open(wire).read() if os.path.exists(wire) else ""):
                    time.sleep(0.05)
                subprocess.run(doveadm + ["save", "-u", "alice", "-m", "INBOX"], text=True, stderr=subprocess.DEVNULL,
                               input="Subject: after %s\n\nx\n" % version)
                subprocess.run(doveadm + ["kick", "alice"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                while time.monotonic() < end and open(wire).read().count("login by") < 2:
                    time.sleep(0.05)
                subprocess.run(doveadm + ["save", "-u", "alice", "-m", "INBOX"], text=True, stderr=subprocess.DEVNULL,
                               input="Subject: last %s\n\nx\n" % version)

            t = threading.Thread(target=kick)
            t.start()
            all_of_them = ",".join("%s %s" % (a, v) for v in (("1.3",) if version == "1.3" else ("1.3", "1.2")) for a in ("after", "last"))
            out = w.drive(where, w.dir + "/servers/ca", ["secret secret-alice", "watch INBOX", "wait",
                                                         "await INBOX 0 " + all_of_them, "quit"],
                          user="alice", conf=conf, wire=wire)
            t.join()
            log = open(wire).read()
            lines = [l for l in log.split("\n") if "certificate" in l]
            must(len(lines) >= 2 and all("TLSv" + version in l for l in lines), "two connections by %s" % version, out + log)
            must("resumed" not in lines[0] and "resumed" in lines[1], "the second goes on: %s" % lines, log)
            said.append(version)
        return "resumed by TLS " + " and ".join(said)
    finally:
        proc.communicate("quit\n", timeout=20)


CASES = [goes_on_12, goes_on_13, not_for_another_account, forgotten_by_the_server, another_certificate_is_seen, dovecot]


def run(case, top):
    began = time.monotonic()
    world = World(top)
    os.chmod(world.dir, 0o755)
    try:
        note = case(world)
        print("ok - %s%s  %.1f s" % (case.__name__, " (%s)" % note if note else "", time.monotonic() - began), flush=True)
        return 0
    except (AssertionError, subprocess.TimeoutExpired) as e:
        print("not ok - %s: %s" % (case.__name__, e), flush=True)
        return 1


def main():
    cases = [c for c in CASES if not sys.argv[1:] or c.__name__ in sys.argv[1:]]
    top = tempfile.mkdtemp(prefix="feist-resume-")
    os.chmod(top, 0o755)
    try:
        # Most of the time is spent waiting until a worker dials again.
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            failed = sum(pool.map(lambda c: run(c, top), cases))
    finally:
        shutil.rmtree(top, ignore_errors=True)
    print("# %d cases, %d failed" % (len(cases), failed))
    sys.exit(1 if failed else 0)


main()
