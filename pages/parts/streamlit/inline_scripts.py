"""The hashes that let a browser run the inline scripts of Streamlit's page under our content security policy."""

import base64
import hashlib
import re
from pathlib import Path

from streamlit import file_util


def hashes() -> list[str]:
    index = (Path(file_util.get_static_dir()) / "index.html").read_text("utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", index, re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return [f"sha256-{base64.b64encode(digest).decode()}" for digest in digests]
