"""The roles, as Settings names them."""

from genko.access.models import Role

ROLES = {
    Role.ADMIN: "Admin: everything",
    Role.STAFF: "Staff: all but settings",
    Role.VIEWER: "Viewer: reads only",
}
