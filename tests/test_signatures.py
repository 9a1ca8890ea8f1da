"""What is asked of jobs is asked in the same words, whoever is asked."""

import inspect

import pytest

from supajobs import Supajobs
from supajobs.client import Client
from supajobs.sync_client import SyncClient
from supajobs.testing import InMemoryQueue, StackQueue

QUESTIONS = {"enqueue", "enqueue_many", "schedule", "signal", "get", "cancel", "retry"}
OPENED_AND_CLOSED = {"close"}
WITHOUT_A_LOOP = {SyncClient, StackQueue}


def list_methods(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"}


def read_signature(kind: type, name: str) -> inspect.Signature:
    """A test's own queue may know whose a job is where nobody says."""
    signature = inspect.signature(getattr(kind, name), eval_str=True)
    parameters = [
        each.replace(default=each.empty) if each.name == "user_id" else each
        for each in signature.parameters.values()
    ]
    return signature.replace(parameters=parameters)


def test_a_client_answers_these_questions() -> None:
    assert list_methods(Client) - OPENED_AND_CLOSED == QUESTIONS
    assert list_methods(SyncClient) - OPENED_AND_CLOSED == QUESTIONS
    assert list_methods(Supajobs) >= QUESTIONS


@pytest.mark.parametrize("name", sorted(QUESTIONS))
@pytest.mark.parametrize("kind", [Client, SyncClient, InMemoryQueue, StackQueue])
def test_a_question_has_one_signature(kind: type, name: str) -> None:
    if name not in list_methods(kind):
        assert kind in {InMemoryQueue, StackQueue}  # what they have not, the handbook says
        return
    assert read_signature(kind, name) == read_signature(Supajobs, name)
    assert inspect.iscoroutinefunction(getattr(Supajobs, name))
    assert inspect.iscoroutinefunction(getattr(kind, name)) is (kind not in WITHOUT_A_LOOP)
