#!/bin/sh
# Serves the HTTP API with the settings of the environment and .env.
set -eu
cd "$(dirname "$0")/.."
scripts/install
exec .venv/bin/supajobs api
