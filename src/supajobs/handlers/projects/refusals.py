"""What is refused of projects. As in supajobs.errors."""

from http import HTTPStatus

from supajobs.errors import SupajobsError


class ProjectNotFoundError(SupajobsError):
    """You have no such project."""

    status = HTTPStatus.NOT_FOUND
    code = "project_not_found"


class ProjectNameTakenError(SupajobsError):
    """You have another project of this name."""

    status = HTTPStatus.CONFLICT
    code = "project_name_taken"
    hint = "Change that one, or take another name."


class TooManyProjectsError(SupajobsError):
    """You have as many projects as you may."""

    status = HTTPStatus.CONFLICT
    code = "too_many_projects"
    hint = "Delete one that you no longer need."


class WebhookUnreadableError(SupajobsError):
    """This server cannot read what the forge of the project is to sign with."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "webhook_unreadable"
    hint = "Set PROVIDER_KEY_SECRET to what it was, or have the owner set the webhook anew."
