"""What the API refuses by itself, whatever the queue would say. As in supajobs.errors."""

from http import HTTPStatus

from supajobs.errors import SupajobsError


class AnonymousUserRefusedError(SupajobsError):
    """This API is for users with an account."""

    status = HTTPStatus.FORBIDDEN
    code = "anonymous_user_refused"
    hint = "Link an email address or another identity to this user."


class RoleRefusedError(SupajobsError):
    """This token is not one of a signed-in user: its role is another."""

    status = HTTPStatus.FORBIDDEN
    code = "role_refused"
    hint = "Send the session's access_token. If your users have roles of their own: USER_ROLES."


class NotOperatorError(SupajobsError):
    """This is for the people who run the queue."""

    status = HTTPStatus.FORBIDDEN
    code = "not_operator"
    hint = "Use the project's secret key, or a user whose app_metadata has role 'admin'."


class WrongSecretError(SupajobsError):
    """The queue's secret is missing or wrong."""

    status = HTTPStatus.UNAUTHORIZED
    code = "wrong_secret"
    hint = "Send CRON_SECRET as 'Authorization: Bearer …'."
    headers = {"WWW-Authenticate": "Bearer"}  # noqa: RUF012 - see the base class


class SecretNotConfiguredError(SupajobsError):
    """This server has no CRON_SECRET, so nobody can trigger its processor."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "secret_not_configured"
    hint = "Set CRON_SECRET and restart."


class WrongSignatureError(SupajobsError):
    """This is not signed with the secret of the project's webhook."""

    status = HTTPStatus.UNAUTHORIZED
    code = "wrong_signature"
    hint = (
        "Give the forge the secret that PUT /v1/projects/{project_id}/webhook answered: GitHub and "
        "Forgejo sign with it, GitLab sends it as its token."
    )


class TooManyWaitingError(SupajobsError):
    """You follow as many jobs at a time as you may."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_waiting"
    hint = "Close event streams that you no longer read, or ask without wait."
    headers = {"Retry-After": "5"}  # noqa: RUF012 - see the base class


class ToolNotFoundError(SupajobsError):
    """There is no such tool."""

    status = HTTPStatus.NOT_FOUND
    code = "tool_not_found"


class ToolTooSlowError(SupajobsError):
    """The tool did not answer in time."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    code = "tool_too_slow"


class HeadTooLargeError(SupajobsError):
    """The request's address and headers are longer than this server takes."""

    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    code = "head_too_large"


class HeadTooSlowError(SupajobsError):
    """The request's address and headers did not arrive in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "head_too_slow"


class NotHttpError(SupajobsError):
    """What was sent is no request of HTTP/1.1."""

    status = HTTPStatus.BAD_REQUEST
    code = "not_http"
    hint = "See what the client sends, and whether it speaks TLS to a port that takes plain HTTP."


class BodyTooLargeError(SupajobsError):
    """The request is longer than this server takes."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "body_too_large"
    headers = {"Connection": "close"}  # noqa: RUF012 - the rest of it will not be read


class BodyTooSlowError(SupajobsError):
    """The request did not arrive in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "body_too_slow"
    headers = {"Connection": "close"}  # noqa: RUF012 - nor will what may come yet


class PlanNotFoundError(SupajobsError):
    """You have no such plan."""

    status = HTTPStatus.NOT_FOUND
    code = "plan_not_found"


class PushNotOfferedError(SupajobsError):
    """This server sends no push messages of this kind."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "push_not_offered"
    hint = "Set EXPO_PUSH, or VAPID_PRIVATE_KEY and VAPID_SUBJECT, and restart."
