"""A page that says what serves it."""

import platform
import sys

import flask

app = flask.Flask(__name__)


@app.get("/")
def page():
    return flask.render_template(
        "page.html", python=platform.python_version(), prefix=sys.prefix
    )


@app.get("/healthz")
def healthz():
    return {"status": "ok"}
