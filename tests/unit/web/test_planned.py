"""The server asks queries through the planner, unless that is switched off or the engine plans itself."""

from __future__ import annotations

from typing import cast

import pytest
from flask import Flask
from tests.unit.conftest import MakeRoot

from territoires.engine import Engine
from territoires.engine.embedded import EmbeddedEngine
from territoires.engine.layers import innermost
from territoires.engine.remote import RemoteEngine
from territoires.graph import load
from territoires.planning import PlannedEngine
from territoires.root import Root
from territoires.settings import Settings
from territoires.web import create_app
from territoires.web.site import Site


@pytest.fixture
def folder(make_root: MakeRoot) -> Root:
    return make_root({"data/one.ttl": "<urn:x:a> <urn:x:p> <urn:x:b> ."})


def engine_of(app: Flask) -> Engine:
    return cast(Site, app.extensions["territoires"]).engine


def test_queries_are_planned(folder: Root) -> None:
    embedded = EmbeddedEngine(load(folder))
    engine = engine_of(create_app(folder, embedded, Settings(answer_cache=0)))
    assert isinstance(engine, PlannedEngine)
    assert innermost(engine) is embedded


def test_the_planner_can_be_switched_off(folder: Root) -> None:
    embedded = EmbeddedEngine(load(folder))
    assert engine_of(create_app(folder, embedded, Settings(answer_cache=0, planner=0))) is embedded


def test_servers_of_others_plan_themselves(folder: Root) -> None:
    remote = RemoteEngine(["http://127.0.0.1:9"], Settings())
    assert engine_of(create_app(folder, remote, Settings(answer_cache=0))) is remote
