"""Attachments made from nothing: a picture, a voice note, a document, a contact card."""

import struct
import zlib
from enum import StrEnum


class Kind(StrEnum):
    IMAGE = "image"
    AUDIO = "audio"
    DOCUMENT = "document"
    CONTACT = "contact"


def make(kind: Kind) -> tuple[str, bytes]:
    """Content type and bytes."""
    match kind:
        case Kind.IMAGE:
            return "image/png", picture()
        case Kind.AUDIO:
            return "audio/ogg", voice_note()
        case Kind.DOCUMENT:
            return "application/pdf", document("Referral letter")
        case Kind.CONTACT:
            return "text/vcard", b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nEND:VCARD\r\n"


def picture(width: int = 240, height: int = 160) -> bytes:
    rows = b"".join(
        b"\0" + b"".join(bytes((40 + x // 3, 140 - y // 4, 150)) for x in range(width)) for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def voice_note(packets: int = 100) -> bytes:
    """Two seconds of silence as Ogg Opus; F8 FF FE is Opus for 20 ms of nothing."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 5) + b"genko" + struct.pack("<I", 0)
    silence = [b"\xf8\xff\xfe"] * packets
    pages = ((2, 0, [head]), (0, 0, [tags]), (4, packets * 960, silence))
    return b"".join(_page(number, *page) for number, page in enumerate(pages))


def _page(number: int, flags: int, position: int, packets: list[bytes]) -> bytes:
    start = b"OggS" + struct.pack("<BBqII", 0, flags, position, 1, number)
    rest = bytes([len(packets), *map(len, packets)]) + b"".join(packets)
    return start + struct.pack("<I", _ogg_checksum(start + bytes(4) + rest)) + rest


def _ogg_checksum(data: bytes) -> int:
    """CRC-32 as Ogg counts it: the usual polynomial, not reflected, starting at zero."""
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


def document(title: str) -> bytes:
    text = f"BT /F1 24 Tf 60 760 Td ({title}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Font << /F1 5 0 R >> >>",
    ]
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer << /Size 7 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 7\n0000000000 65535 f \n{table}{trailer}".encode()
