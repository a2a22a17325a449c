#!/usr/bin/env python3
"""Checks a witness log without any of the package's code: Python's standard library, and openssl for the signatures.

  witness_verifier.py folder DIR | tiles DIR | proof FILE [--line FILE] | export FILE | batch
      [--vkey KEY]... [--origin NAME] [--cosigner KEY]... [--quorum N] [--trusted CHECKPOINT]...

Exit status: 0 valid, 1 tampered or corrupt, 2 cannot be established, 3 usage or I/O. It prints one line of JSON.
`batch` reads arguments from its input, a JSON array a line, and answers each with such a line.
"""
import argparse, base64, functools, hashlib, json, os, re, subprocess, sys, tempfile, unicodedata

VALID, TAMPERED, UNKNOWN, USAGE = 0, 1, 2, 3
MOST_LINE, DEEPEST, MOST_INTEGER, MOST_ASIDE = 65535, 512, 2**53 - 1, 2**30
sys.setrecursionlimit(5000)


class Bad(Exception):
    """What was given is not what it should be."""


class NewerVersion(Exception):
    """A line of a format that came later."""


# ---- the tree (RFC 6962) ----
def sha(data):
    return hashlib.sha256(data).digest()


def leaf(line):
    return sha(b"\0" + line)


def node(left, right):
    return sha(b"\1" + left + right)


class Tree:
    """The roots of the complete subtrees, largest first."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, digest):
        self.peaks.append(digest)
        self.size += 1
        size = self.size
        while size % 2 == 0:
            right = self.peaks.pop()
            self.peaks[-1] = node(self.peaks[-1], right)
            size //= 2

    def root(self):
        return functools.reduce(lambda right, left: node(left, right), reversed(self.peaks)) if self.peaks else sha(b"")


def root_of(hashes):
    tree = Tree()
    for one in hashes:
        tree.push(one)
    return tree.root()


def proven_root(index, size, digest, path):
    """The root that a proof of inclusion leads to. Written down from RFC 6962 2.1.1, from the root to the leaf."""
    if size == 1:
        if path:
            raise Bad("proof too long")
        return digest
    if not path:
        raise Bad("proof too short")
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return node(proven_root(index, split, digest, path[:-1]), path[-1])
    return node(path[-1], proven_root(index - split, size - split, digest, path[:-1]))


# ---- canonical JSON (RFC 8785) ----
def number_text(value):
    """As ECMAScript writes it: the shortest digits, laid out by the place of the point."""
    if value != value or value in (float("inf"), float("-inf")):
        raise Bad("number")
    if value == 0:
        return "0"
    sign, value = ("-", -value) if value < 0 else ("", value)
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    point = len(digits) - len(part) + int(exponent or 0)
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        text = digits + "0" * (point - count)
    elif 0 < point <= 21:
        text = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        power = ("+" if point > 0 else "-") + str(abs(point - 1))
        text = digits[0] + ("." + digits[1:] if count > 1 else "") + "e" + power
    return sign + text


ESCAPES = {code: "\\u%04x" % code for code in range(32)}
ESCAPES.update({8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"})


def canonical(value, depth=0):
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, str):
        return '"' + value.translate(ESCAPES) + '"'
    if depth >= DEEPEST:
        raise Bad("too deep")
    if isinstance(value, list):
        return "[" + ",".join(canonical(one, depth + 1) for one in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(canonical(name) + ":" + canonical(value[name], depth + 1) for name in names) + "}"


def refuse(_):
    raise Bad("not JSON")


def parse_canonical(line):
    """The value of a line, which has to be the one text of it."""
    try:
        text = line.decode("utf-8")
        value = json.loads(text, parse_int=float, parse_float=float, parse_constant=refuse)
        if canonical(value).encode("utf-8") != line:  # no half of a surrogate pair has bytes
            raise Bad("not canonical")
        return value
    except (ValueError, RecursionError, OverflowError) as error:
        raise Bad("not canonical JSON") from error


# ---- entries ----
TYPE = re.compile(r"[a-z][a-z0-9_.:-]{0,63}")
TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.[0-9]{3}Z")
HASH = re.compile(r"[0-9a-f]{64}")


def is_count(value):
    return isinstance(value, float) and value.is_integer() and 0 <= value <= MOST_INTEGER


def is_time(value):
    found = isinstance(value, str) and TIME.fullmatch(value)
    if not found:
        return False
    year, month, day, hour, minute, second = map(int, found.groups())
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return 1 <= month <= 12 and 1 <= day <= days[month - 1] and hour < 24 and minute < 60 and second < 60


def is_source(value):
    return isinstance(value, dict) and all(
        name in ("flow", "name", "node") and isinstance(text, str) and 0 < len(text.encode("utf-16-be")) <= 512
        for name, text in value.items()
    )


def entry_of(line):
    """An entry from its line without line break; Bad for anything that is none."""
    if not 0 < len(line) <= MOST_LINE:
        raise Bad("length")
    entry = parse_canonical(line)
    if not isinstance(entry, dict) or list(entry) != ["data", "mono", "prev", "seq", "src", "t", "type", "v"]:
        raise Bad("members")
    kind, prev = entry["type"], entry["prev"]
    if is_count(entry["v"]) and entry["v"] > 1:
        raise NewerVersion("version")
    fits = isinstance(entry["v"], float) and entry["v"] == 1 and is_count(entry["seq"]) and is_count(entry["mono"])
    fits = fits and is_time(entry["t"]) and is_source(entry["src"])
    if not fits or not (isinstance(kind, str) and TYPE.fullmatch(kind) and isinstance(prev, str) and HASH.fullmatch(prev)):
        raise Bad("a member is not what it should be")
    return entry


def is_entry(lines):
    """Whether the first of these lines, if there is one, is an entry."""
    try:
        return bool(lines) and entry_of(lines[0]) is not None
    except (Bad, NewerVersion):
        return False


# ---- keys, notes, checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature) ----
def base64_of(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Bad("base64") from error
    if base64.b64encode(data).decode() != text:
        raise Bad("base64")
    return data


def is_name(name):
    return bool(name) and not any(
        one in "+\ufeff" or unicodedata.category(one) in ("Cc", "Zs", "Zl", "Zp", "Cs") for one in name
    )


class Key:
    def __init__(self, text):
        self.text = text
        self.name, digits, encoded = (text.split("+", 2) + ["", ""])[:3]
        typed = base64_of(encoded)
        self.id = sha(self.name.encode() + b"\n" + typed)[:4]
        if not is_name(self.name) or len(typed) != 33 or typed[0] not in (1, 4) or self.id.hex() != digits:
            raise Bad("this is no key")
        self.type, self.raw = typed[0], typed[1:]

    def signed(self, text, signature):
        """Whether this key made a signature, or a cosignature with its time, of a note's text."""
        if self.type == 1:
            return len(signature) == 64 and ed25519(self.raw, text, signature)
        time = int.from_bytes(signature[:8], "big")
        message = b"cosignature/v1\ntime %d\n" % time + text
        return len(signature) == 72 and 0 < time <= MOST_INTEGER and ed25519(self.raw, message, signature[8:])


@functools.lru_cache(maxsize=None)
def ed25519(raw, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("key", "message", "signature")]
        for path, content in zip(paths, (bytes.fromhex("302a300506032b6570032100") + raw, message, signature)):
            with open(path, "wb") as file:
                file.write(content)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin"]
        command += ["-inkey", paths[0], "-in", paths[1], "-sigfile", paths[2]]
        told = subprocess.run(command, capture_output=True, text=True)
    if told.returncode != 0 and "Verification Failure" not in told.stdout + told.stderr:
        raise OSError("openssl from 3 on is needed: " + told.stderr.strip()[:200])
    return told.returncode == 0


class Note:
    """A signed checkpoint."""

    def __init__(self, data):
        try:
            text = data.decode("utf-8")
        except ValueError as error:
            raise Bad("not UTF-8") from error
        if len(text) > 1_000_000 or not text.endswith("\n") or re.search("[\0-\x09\x0b-\x1f]", text):
            raise Bad("no note")
        body, found, below = text.rpartition("\n\n")
        self.data, self.text, self.signatures = data, (body + "\n").encode(), []
        lines = below[:-1].split("\n")
        if not found or len(lines) > 100:
            raise Bad("no note")
        for line in lines:
            parts = line.split(" ")
            if len(parts) != 3 or parts[0] != "\u2014" or not is_name(parts[1]):
                raise Bad("no signature line")
            signature = base64_of(parts[2])
            if len(signature) <= 4:
                raise Bad("no signature")
            self.signatures.append((parts[1], signature[:4], signature[4:]))
        lines = body.split("\n")
        if len(lines) < 3 or "" in lines or not re.fullmatch("0|[1-9][0-9]{0,15}", lines[1], re.A):
            raise Bad("no checkpoint")
        self.origin, self.size, self.root = lines[0], int(lines[1]), base64_of(lines[2])
        if len(self.root) != 32 or self.size > MOST_INTEGER:
            raise Bad("no checkpoint")

    def signed_by(self, key):
        """Whether a key's signature is on it: None where there is none. The first line of a key counts."""
        for name, ident, signature in self.signatures:
            if name == key.name and ident == key.id:
                return key.signed(self.text, signature)
        return None


class Trust:
    """What the asker knows."""

    def __init__(self, args):
        self.keys, self.cosigners = [Key(one.strip()) for one in args.vkey], [Key(one.strip()) for one in args.cosigner]
        if any(one.type != 1 for one in self.keys) or any(one.type != 4 for one in self.cosigners):
            raise Bad("a key of another kind")
        self.origin, self.quorum = args.origin, len(self.cosigners) if args.quorum is None else args.quorum
        self.notes = [open(name, "rb").read() for name in args.trusted]


class Findings:
    """Severities that were found, the gravest of which is the verdict, and the first entry that is not in order."""

    def __init__(self):
        self.list, self.broken_at = [], None

    def add(self, severity, code, seq=None):
        self.list.append([severity, code, seq])
        if severity == TAMPERED and seq is not None:
            self.broken_at = seq if self.broken_at is None else min(seq, self.broken_at)

    def verdict(self):
        found = [severity for severity, _, _ in self.list]
        return TAMPERED if TAMPERED in found else UNKNOWN if UNKNOWN in found else VALID


# ---- a log's folder ----
def members(value):
    return value if isinstance(value, dict) else {}


def genesis_key(data):
    """The key in a log's first entry; None for a format that is not known here."""
    data = members(data)
    version = data.get("format")
    if isinstance(version, float) and version > 1:
        return None
    key = Key(data["vkey"]) if isinstance(data.get("vkey"), str) else None
    goes_on = data.get("continues", {"origin": "", "logId": "", "size": 0.0, "root": "", "reason": "key"})
    texts = [data.get("software"), *(members(goes_on).get(name) for name in ("origin", "logId", "root"))]
    fits = isinstance(version, float) and version == 1 and key and key.type == 1 and key.name == data.get("origin")
    fits = fits and isinstance(data.get("logId"), str) and re.fullmatch("[0-9a-f]{32}", data["logId"])
    size, reason = members(goes_on).get("size"), members(goes_on).get("reason")
    fits = fits and all(isinstance(text, str) for text in texts) and isinstance(size, float)
    fits = fits and size.is_integer() and abs(size) <= MOST_INTEGER
    if not fits or reason not in ("rollback", "damaged", "removed", "key"):
        raise Bad("genesis")
    return key


def own_entry(folder, kind, data, seq, root, counts, findings):
    """What a log says of itself has to be true."""
    data = members(data)
    wrong = lambda found: found and findings.add(TAMPERED, kind, seq)
    if kind == "log.genesis":
        wrong(seq != 0)
    elif kind in ("log.open", "log.close"):
        size, told = data.get("size"), data.get("root")
        wrong(not is_count(size) or size != seq or kind == "log.open" and told != base64.b64encode(root()).decode())
    elif kind == "log.stats":
        told = {name: count for name, count in members(data.get("counts")).items() if count != 0 or count is False}
        wrong(any(isinstance(count, bool) for count in told.values()) or told != counts)
    elif kind == "log.gap":
        wrong(not is_count(data.get("count")) or any(not isinstance(data.get(one), str) for one in ("first", "last", "reason")))
    elif kind == "log.rollback":
        wrong(not is_count(data.get("expectedSize")) or not is_count(data.get("foundSize")))
    elif kind == "log.recovered":
        name, size, digest = data.get("file"), data.get("bytes"), data.get("sha256")
        good = isinstance(name, str) and re.fullmatch("[^/\\\\\0]{1,255}", name) and is_count(size)
        if not good or not isinstance(digest, str) or not HASH.fullmatch(digest):
            return wrong(True)
        path = os.path.join(folder, name)
        if os.path.isfile(path) and not os.path.islink(path) and MOST_ASIDE < size == os.path.getsize(path):
            return  # sparse files cost nothing
        content = plain_file(folder, name)
        wrong(content is not None and (len(content) != size or hashlib.sha256(content).hexdigest() != digest))


def plain_file(folder, name):
    path = os.path.join(folder, name)
    return open(path, "rb").read() if os.path.isfile(path) and not os.path.islink(path) else None


# what a crash may leave of a note that was being written: the whole lines, and the one that breaks off
LINES = [rb"[^\n]*", rb"[0-9]*", rb"[A-Za-z0-9+/]*=?", rb""]
SIGNATURE = rb"\xe2\x80\x94 [^ \n]+ [A-Za-z0-9+/]+={0,2}"
SIGNATURE_BEGINS = rb"|\xe2|\xe2\x80|\xe2\x80\x94 ?|\xe2\x80\x94 [^ \n]+(?: [A-Za-z0-9+/]*={0,2})?"


def breaks_off(tail):
    *lines, last = tail.split(b"\n")
    kinds = LINES + [SIGNATURE] * len(lines)
    whole = all(re.fullmatch(kind, line) for kind, line in zip(kinds, lines))
    return whole and re.fullmatch(LINES[len(lines)] if len(lines) < 4 else SIGNATURE_BEGINS, last)


def history_items(folder):
    """The notes of the history. A rest that no crash leaves is one too, and a wrong one."""
    parts = (plain_file(folder, "checkpoints") or b"").split(b"\n\n")
    whole = len(parts) // 2 * 2 if len(parts) % 2 else len(parts) - 2
    tail = b"\n\n".join(parts[whole:])
    items = [text + b"\n\n" + below + b"\n" for text, below in zip(parts[0:whole:2], parts[1:whole:2])]
    return items + ([] if not tail or breaks_off(tail) else [b"no note: " + tail])


def check_folder(folder, trust):
    findings = Findings()
    if not os.path.isdir(folder):
        findings.add(UNKNOWN, "no folder")
    newest, history, tree, counts = plain_file(folder, "checkpoint"), history_items(folder), Tree(), {}
    listed = os.listdir(folder) if os.path.isdir(folder) else []
    names = sorted(name for name in listed if re.fullmatch(r"[0-9]{12}\.jsonl", name))
    segments = [name for name in names if plain_file(folder, name) is not None]
    if segments != names:
        findings.add(TAMPERED, "a segment is no plain file")
    signed, trusted, roots, wanted = [], [], {}, set()
    origin, prev, whole, known_format = None, "0" * 64, True, True

    def begin(key):
        """With the log's key: whose signatures are right, and which sizes are to be looked at."""
        if key and trust.keys and key.text not in [one.text for one in trust.keys]:
            findings.add(TAMPERED, "another key", 0)
        if origin is not None and trust.origin is not None and origin != trust.origin:
            findings.add(TAMPERED, "another origin", 0)
        for data in trust.notes:
            lines = [line.rstrip() for line in re.split(b"\r?\n", data.strip())]
            try:
                note = Note(b"\n".join(lines) + b"\n")
            except Bad:
                findings.add(UNKNOWN, "no trusted checkpoint")
                continue
            by = [note.signed_by(one) for one in trust.keys]
            if origin is not None and note.origin != origin:
                findings.add(TAMPERED, "trusted checkpoint of another log")
            elif trust.keys and (False in by or True not in by):
                findings.add(UNKNOWN, "trusted checkpoint without signature")
            else:
                trusted.append(note)
        latest = 0
        for data in ([newest] if newest is not None else []) + history if key else []:
            try:
                note = Note(data)
                if note.origin != key.name or note.signed_by(key) is not True:
                    raise Bad("signature")
            except Bad as error:
                findings.add(TAMPERED, "checkpoint: %s" % error)
                continue
            if any(note.signed_by(one) is False for one in trust.cosigners):
                findings.add(TAMPERED, "cosignature")
            if data is not newest and note.size < latest:
                findings.add(TAMPERED, "order of checkpoints")
                continue
            latest = latest if data is newest else note.size
            signed.append(note)
        wanted.update(note.size for note in signed + trusted)

    def beyond(seq):
        """Whether something vouches for entry `seq`; before the first one that there is anything is enough."""
        if tree.size > 0:
            return any(size > seq for size in wanted)
        return newest is not None or plain_file(folder, "checkpoints") is not None or bool(trust.notes)

    for name in segments:
        last, content = name == segments[-1], plain_file(folder, name)
        lines = content.split(b"\n")
        rest = lines.pop()
        bad = int(name[:12]) != tree.size or not lines and not rest and not last
        lines += [rest] if len(rest) > MOST_LINE else []
        for at, line in enumerate(lines if not bad else []):
            seq = tree.size
            try:
                entry = entry_of(line)
                if entry["seq"] != seq or entry["prev"] != prev:
                    raise Bad("order")
                if seq == 0:
                    if entry["type"] != "log.genesis":
                        raise Bad("genesis")
                    key = genesis_key(entry["data"])
                    known_format, origin = key is not None, key and key.name
            except NewerVersion:
                # a log of another version has no lines of this one
                bad = seq > 0 or is_entry(lines[at + 1 :])
                known_format = known_format and bad
                break
            except Bad:
                bad = not (0 in line and last and not beyond(seq))
                if not bad:
                    findings.add(UNKNOWN, "torn")
                break
            kind = entry["type"]
            if kind.startswith("log."):
                own_entry(folder, kind, entry["data"], seq, tree.root, counts, findings)
            counts[kind] = counts.get(kind, 0) + 1
            digest = leaf(line)
            tree.push(digest)
            prev = digest.hex()
            if seq == 0:
                begin(key)
            if tree.size in wanted:
                roots[tree.size] = tree.root()
        else:
            if rest and len(rest) <= MOST_LINE and not bad:
                bad = not last or beyond(tree.size)
                if not bad:
                    findings.add(UNKNOWN, "torn")
            if not bad:
                continue
        whole = not bad
        if bad:
            findings.add(TAMPERED, "entry", tree.size)
        break
    if tree.size == 0:
        begin(trust.keys[0] if trust.keys else None)
    if not known_format:
        findings.add(UNKNOWN, "format")
    for note in signed + trusted:
        if note.size in roots and roots[note.size] != note.root:
            findings.add(TAMPERED, "root of %d" % note.size)
        elif note.size not in roots and whole and known_format and note.size > 0 and note.size > tree.size:
            findings.add(TAMPERED, "entries are missing", tree.size)
    right = lambda notes: [note for note in notes if roots.get(note.size) == note.root]
    size_of = lambda notes: max([note.size for note in right(notes)], default=0)
    if whole and known_format:
        covered = max(size_of(signed), size_of(trusted))
        if covered == 0 or covered < tree.size:
            findings.add(UNKNOWN, "not signed")
        if tree.size and not trust.keys and not size_of(trusted):
            findings.add(UNKNOWN, "no key")
        by = [size_of([note for note in signed if note.signed_by(one)]) for one in trust.cosigners]
        if by and trust.quorum and tree.size and sorted(by, reverse=True)[trust.quorum - 1] < tree.size:
            findings.add(UNKNOWN, "cosigners")
    return findings, {"total_events": tree.size, "root": base64.b64encode(tree.root()).decode() if tree.size else None}


# ---- one entry, an export, tiles ----
def judged(note, trust, findings):
    """Whose a checkpoint is."""
    fitting = [key for key in trust.keys if key.name == note.origin]
    if trust.origin not in (None, note.origin) or trust.keys and not any(note.signed_by(key) for key in fitting):
        findings.add(TAMPERED, "not signed by a given key, or of another log")
    if not trust.keys:
        findings.add(UNKNOWN, "no key")
    by = [note.signed_by(one) for one in trust.cosigners]
    if False in by:
        findings.add(TAMPERED, "cosignature")
    if by.count(True) < trust.quorum:
        findings.add(UNKNOWN, "cosigners")


def check_proof(text, line, trust):
    """C2SP tlog-proof; the line may be in its extra data."""
    findings = Findings()
    head, found, note = text.partition(b"\n\n")
    first, *lines = head.decode().split("\n")
    extra = base64_of(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    index = re.fullmatch("index (0|[1-9][0-9]{0,15})", lines.pop(0) if lines else "", re.A)
    path, note = [base64_of(one) for one in lines], Note(note)
    line = extra if line is None else line
    if first != "c2sp.org/tlog-proof@v1" or not index or len(path) > 63 or any(len(one) != 32 for one in path):
        raise Bad("no proof")
    if line is None:
        raise ValueError("the line of the entry is missing")
    index, entry = int(index.group(1)), entry_of(line)
    if index >= note.size or entry["seq"] != index or extra not in (None, line):
        raise Bad("another entry")
    if proven_root(index, note.size, leaf(line), path) != note.root:
        raise Bad("the hashes do not lead to the root")
    judged(note, trust, findings)
    return findings, {"seq": index, "size": note.size}


def check_export(data, trust):
    """The export of a log or of a part of it: each line, and how it is tied to the signed checkpoint."""
    findings = Findings()
    note = Note(data["checkpoint"].encode()) if data["checkpoint"] is not None else None
    lines, counts, tree, prev = [], {}, Tree(), None
    for event, shown in zip(data["events"], data["chain"], strict=True):
        line = event["line"].encode()
        entry, digest = entry_of(line), leaf(line).hex()
        names = {"seq": entry["seq"], "timestamp": entry["t"], "event_type": entry["type"], "hash": digest}
        if any(event[name] != value or shown[name] != value for name, value in names.items()):
            raise Bad("an entry is not what its line says")
        if shown["prev_hash"] != entry["prev"] or prev and prev[0] >= entry["seq"]:
            raise Bad("order")
        if prev and prev[0] + 1 == entry["seq"] and prev[1] != entry["prev"]:
            raise Bad("chain")
        prev = (entry["seq"], digest)
        counts[entry["type"]] = counts.get(entry["type"], 0) + 1
        lines.append(line)
        if note and tree.size < note.size:
            tree.push(leaf(line))
        path = [base64_of(one) for one in event.get("proof") or []]
        if path and (entry["seq"] >= note.size or proven_root(int(entry["seq"]), note.size, leaf(line), path) != note.root):
            raise Bad("proof of entry %d" % entry["seq"])
    for kind in set(counts) | set(data["counts"]) | set(data["omitted"]["counts"]):
        if counts.get(kind, 0) + data["omitted"]["counts"].get(kind, 0) != data["counts"].get(kind, 0):
            raise Bad("counts")
    stats = data.get("stats")
    if stats is not None:
        line = stats["line"].encode()
        entry, path = entry_of(line), [base64_of(one) for one in stats.get("proof") or []]
        if entry["type"] != "log.stats":
            raise Bad("these are no counts of the log")
        if path and proven_root(int(entry["seq"]), note.size, leaf(line), path) != note.root:
            raise Bad("proof of the log's own counts")
        wanted = data["omitted"]["filter"] or {}
        for kind in [] if set(wanted) - {"types", "own"} else wanted.get("types", []):
            found = sum(1 for one in data["chain"] if one["event_type"] == kind and one["seq"] < entry["seq"])
            if found != entry["data"]["counts"].get(kind, 0):
                raise Bad("the log counted other %s" % kind)
    if data["unreadable"] or data["verification"]["verdict"] == "tampered":
        raise Bad("it says itself that its log was changed")
    if note is None:
        findings.add(UNKNOWN, "no checkpoint")
        return findings, {"exported": len(lines)}
    whole = len(lines) >= note.size and data["omitted"]["count"] == 0
    if whole and tree.root() != note.root:
        raise Bad("root")
    tied = lambda event: whole or note.size == 1 and event.get("proof") == [] or event.get("proof")
    if any(not tied(event) or event["seq"] >= note.size for event in data["events"]):
        findings.add(UNKNOWN, "nothing ties an entry to the checkpoint")
    if data["verification"]["verdict"] == "unknown":
        findings.add(UNKNOWN, "it says itself that it is not established")
    judged(note, trust, findings)
    return findings, {"exported": len(lines), "size": note.size}


def tile_path(kind, index, width):
    parts = re.findall("...", str(index).zfill(-(-len(str(index)) // 3) * 3))
    path = "/".join(["tile", str(kind), *("x" + one for one in parts[:-1]), parts[-1]])
    return path if width == 256 else "%s.p/%d" % (path, width)


def check_tiles(folder, trust):
    """C2SP tlog-tiles: entries, hashes of every level, and the root."""
    findings, note = Findings(), Note(open(os.path.join(folder, "checkpoint"), "rb").read())
    tiles = lambda kind, count: (
        open(os.path.join(folder, tile_path(kind, at // 256, min(256, count - at))), "rb").read() for at in range(0, count, 256)
    )
    hashes = []
    for bundle in tiles("entries", note.size):
        while bundle:
            size = int.from_bytes(bundle[:2], "big") + 2
            if len(bundle) < max(size, 2):
                raise Bad("a bundle breaks off")
            hashes.append(leaf(bundle[2:size]))
            bundle = bundle[size:]
    level, row = 0, hashes
    while row:
        if b"".join(tiles(level, len(row))) != b"".join(row):
            raise Bad("tiles of level %d" % level)
        level, row = level + 1, [root_of(row[at : at + 256]) for at in range(0, len(row) // 256 * 256, 256)]
    if len(hashes) != note.size or root_of(hashes) != note.root:
        raise Bad("root")
    judged(note, trust, findings)
    return findings, {"size": note.size, "levels": level}


# ---- the command ----
class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise ValueError(message)


def answer(arguments):
    """The exit status and what is printed, for one list of arguments."""
    parser = Parser(add_help=False)
    parser.add_argument("what", choices=["folder", "tiles", "proof", "export"])
    parser.add_argument("path")
    parser.add_argument("--line")
    parser.add_argument("--origin")
    parser.add_argument("--quorum", type=int)
    for name in ("--vkey", "--cosigner", "--trusted"):
        parser.add_argument(name, action="append", default=[])
    try:
        args = parser.parse_args(arguments)
        trust = Trust(args)
        line = open(args.line, "rb").read().removesuffix(b"\n") if args.line else None
    except (ValueError, OSError, Bad) as error:
        return USAGE, {"error": str(error)}
    try:
        if args.what in ("folder", "tiles"):
            found = (check_folder if args.what == "folder" else check_tiles)(args.path, trust)
        else:
            data = open(args.path, "rb").read()
            found = check_proof(data, line, trust) if args.what == "proof" else check_export(json.loads(data), trust)
        findings, facts = found
        return findings.verdict(), {**facts, "broken_at": findings.broken_at, "findings": findings.list}
    except (Bad, NewerVersion, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        return TAMPERED, {"broken_at": None, "findings": [[TAMPERED, repr(error), None]]}
    except (OSError, ValueError) as error:
        return USAGE, {"error": str(error)}


def main(arguments):
    if arguments in ([], ["-h"], ["--help"]):
        print(__doc__)
        return VALID if arguments else USAGE
    if arguments == ["batch"]:
        for request in sys.stdin:
            status, facts = answer(json.loads(request))
            print(json.dumps({"status": status, **facts}), flush=True)
        return VALID
    status, facts = answer(arguments)
    print(json.dumps({"status": status, "verdict": ["valid", "tampered", "unknown", "error"][status], **facts}))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
