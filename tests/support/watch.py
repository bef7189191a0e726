"""Looks after each request for what it left undone: changes without a commit, and jobs that failed."""

from typing import Any

from flask import Flask
from huey.signals import SIGNAL_ERROR
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from webapp.db import db


class Watch:
    """What the requests since :meth:`forget` left behind."""

    def __init__(self, app: Flask) -> None:
        self.uncommitted: list[str] = []
        self.failed_jobs: list[BaseException] = []
        event.listen(db.session, "after_flush", self._flushed)
        event.listen(db.session, "after_commit", self._settled)
        event.listen(db.session, "after_rollback", self._settled)
        app.teardown_request(self._look)
        app.extensions["baton-queue"].huey.signal(SIGNAL_ERROR)(self._failed)
        app.extensions["baton-watch"] = self

    @classmethod
    def of(cls, app: Flask) -> "Watch":
        return app.extensions["baton-watch"]

    def forget(self) -> None:
        self.uncommitted.clear()
        self.failed_jobs.clear()

    def judge(self, answer: TestResponse) -> None:
        """Fails when the request that was answered left something undone."""
        if self.failed_jobs:
            raise AssertionError(f"{answer.request.path} started a job that failed") from self.failed_jobs[0]
        if answer.status_code < 400 and self.uncommitted:
            raise AssertionError(f"{answer.request.path} answered but never committed: {self.uncommitted}")

    def _flushed(self, session: Session, context: Any) -> None:
        named = [type(entity).__name__ for entity in (*session.new, *session.dirty, *session.deleted)]
        session.info.setdefault("flushed", []).extend(named)

    def _settled(self, session: Session) -> None:
        session.info.pop("flushed", None)

    def _failed(self, signal: str, task: Any, error: BaseException | None = None) -> None:
        if error is not None:
            self.failed_jobs.append(error)

    def _look(self, error: BaseException | None) -> None:
        if not db.session.registry.has():
            return
        session = db.session()
        pending = [type(entity).__name__ for entity in (*session.new, *session.deleted)]
        pending += [type(entity).__name__ for entity in session.dirty if session.is_modified(entity)]
        self.uncommitted += session.info.get("flushed", []) + pending
