"""The JavaScript of our components: ES modules that the browser loads from a route of ours, so that they can import each other.

Streamlit's own way to files, a manifest in an installed package, gives each component a path of its own: a module that
two components share would be loaded twice, and lie outside the package that Streamlit looks into.
"""

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

_PARTS = Path(__file__).resolve().parent.parent
_MODULES = {path.relative_to(_PARTS).as_posix(): path.read_bytes() for path in sorted(_PARTS.rglob("*.js"))}


def _version() -> str:
    digest = hashlib.sha256()
    for name, content in _MODULES.items():
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:16]


_FOLDER = f"/admin/static/modules/{_version()}"  # named after all contents: a browser may keep them for good


def component_script(module: Path) -> str:
    """What Streamlit runs for a component: it calls the component's own module.

    Streamlit runs it from a blob: address, against which a browser resolves no path: the import says the host too. When
    the module could not be loaded, the next rerun tries again.
    """
    address = f"{_FOLDER}/{module.resolve().relative_to(_PARTS).as_posix()}"
    return f"""
let component
export default async component_arguments => {{
  component ??= (await import(new URL("{address}", location.origin).href)).default
  return component(component_arguments)
}}
"""


def module_routes() -> list[BaseRoute]:
    async def show_module(request: Request) -> Response:
        content = _MODULES.get(request.path_params["name"])
        if content is None:
            return Response(status_code=404)
        headers = {"cache-control": "private, max-age=31536000, immutable"}
        return Response(content, headers=headers, media_type="text/javascript")

    return [Route(f"{_FOLDER}/{{name:path}}", show_module, methods=["GET"])]
