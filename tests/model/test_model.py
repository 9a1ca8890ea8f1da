from hypothesis import settings
from tests.model.databases import Databases
from tests.model.machine import obey_the_model
from tests.model.ties import keep_ties


def test_the_functions_obey_the_model(databases: Databases, model_settings: settings) -> None:
    with databases.lend() as url:
        obey_the_model(url, model_settings)


def test_nobody_is_held_for_ever(databases: Databases, model_settings: settings) -> None:
    with databases.lend() as url:
        keep_ties(url, model_settings)
