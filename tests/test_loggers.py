import logging

import pytest
import structlog

from supajobs.loggers import get_logger


def crash(params: str) -> None:
    raise ValueError("it went wrong")


def test_an_app_gets_our_log_through_the_standard_librarys_loggers(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    structlog.reset_defaults()
    logger = get_logger("supajobs.tests", job_id="one")
    with caplog.at_level(logging.INFO, "supajobs"):
        logger.debug("not_wanted")
        with structlog.contextvars.bound_contextvars(trace_id="two"):
            logger.info("job_started", retry_count=0, rate="100%s")
        try:
            crash("sword" + "fish")
        except ValueError:
            logger.exception("handler_crashed")
    assert caplog.record_tuples == [
        (
            "supajobs.tests",
            logging.INFO,
            "job_started job_id='one' retry_count=0 rate='100%s' trace_id='two'",
        ),
        ("supajobs.tests", logging.ERROR, "handler_crashed job_id='one'"),
    ]
    assert "ValueError: it went wrong" in caplog.text
    assert "swordfish" not in caplog.text
    assert capfd.readouterr().out == ""
    assert not structlog.is_configured()


def test_who_has_configured_structlog_gets_it_there(caplog: pytest.LogCaptureFixture) -> None:
    logger = get_logger("supajobs.tests", job_id="one")
    structlog.reset_defaults()
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    with structlog.testing.capture_logs() as lines:
        logger.warning("job_started")
    assert lines == [{"job_id": "one", "event": "job_started", "log_level": "warning"}]
    assert not caplog.records


def test_an_app_that_sets_nothing_up_reads_no_secret_either(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "open sesame")
    structlog.reset_defaults()
    logger = get_logger("supajobs.tests")
    told = "told sk-ant-0123456789 and open sesame"
    error = ValueError(told)
    logger.warning("refused", reason=told)
    logger.error("crashed", exc_info=error)
    logger.error("crashed", exc_info=(ValueError, error, None))
    assert caplog.text.count("told [secret] and [secret]") == 3
    assert "sesame" not in caplog.text
    assert caplog.records[1].exc_info, "which tools read"
