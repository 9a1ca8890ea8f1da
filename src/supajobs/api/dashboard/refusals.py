"""What the operator's page is refused. The API's description, for its users, has nothing of it."""

from http import HTTPStatus

from supajobs.errors import SupajobsError


class DashboardSessionRequiredError(SupajobsError):
    """Sign in to the dashboard: its session is missing, or over."""

    status = HTTPStatus.UNAUTHORIZED
    code = "dashboard_session_required"
    hint = "Send CRON_SECRET, or the token of an admin, to POST /dashboard/session."


class DashboardNotBuiltError(SupajobsError):
    """This server has the dashboard's answers, but not its page."""

    status = HTTPStatus.NOT_FOUND
    code = "dashboard_not_built"
    hint = "In a checkout, run scripts/page; a wheel is to be built after that."


class ForeignRequestError(SupajobsError):
    """This is for the dashboard's own page, and another site has sent it."""

    status = HTTPStatus.FORBIDDEN
    code = "foreign_request"


class JsonRequiredError(SupajobsError):
    """Changes are sent as JSON."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "json_required"
    hint = "Send the header Content-Type: application/json."


class TooManyGuessesError(SupajobsError):
    """Too many wrong secrets were sent just now."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_guesses"
    headers = {"Retry-After": "2"}  # noqa: RUF012 - see the base class
