"""The routes about accounts: what changes something, and what is for administrators alone."""

ADMINISTRATORS = {
    "GET /v1/backups/newest": 200,
    "GET /v1/users": 200,
    "POST /v1/users": 201,
    "PATCH /v1/users/<user_id>": 404,
    "DELETE /v1/users/<user_id>": 404,
    "GET /v1/invitations": 200,
    "POST /v1/invitations": 201,
    "DELETE /v1/invitations/<invitation_id>": 204,
    "GET /v1/groups": 200,
    "POST /v1/groups": 201,
    "DELETE /v1/groups/<group_id>": 204,
    "GET /v1/groups/<group_id>/members": 404,
    "PUT /v1/groups/<group_id>/members/<user_id>": 404,
    "DELETE /v1/groups/<group_id>/members/<user_id>": 404,
    "GET /v1/audit": 200,
}
"""What an administrator is answered about somebody or something that does not exist."""

ROUTES = frozenset(ADMINISTRATORS) | {
    "PATCH /v1/me",
    "POST /v1/me/password",
    "POST /v1/logout",
    "GET /v1/sessions",
    "POST /v1/sessions",
    "DELETE /v1/sessions/<session_id>",
}
BODIES: dict[str, dict[str, object]] = {
    "POST /v1/me/password": {"current": "", "new": "quite a long one"},
    "POST /v1/users": {"name": "new user"},
    "POST /v1/groups": {"name": "new group"},
}


def path_of(route: str) -> tuple[str, str]:
    """Return method and path about nobody and nothing."""
    method, path = route.split(" ")
    for variable in ("<session_id>", "<user_id>", "<invitation_id>", "<group_id>", "<key_id>"):
        path = path.replace(variable, "none")
    return method, path
