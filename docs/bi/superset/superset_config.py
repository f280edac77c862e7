"""Settings of a Superset on one machine, for one person: SUPERSET_CONFIG_PATH=superset_config.py."""

import os

HOME = os.environ.get("SUPERSET_HOME", os.path.dirname(os.path.abspath(__file__)))
SECRET_KEY = os.environ.get("SUPERSET_SECRET_KEY", "on-this-machine-only")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME}/superset.db"
WTF_CSRF_ENABLED = False
PREVENT_UNSAFE_DB_CONNECTIONS = False
TALISMAN_ENABLED = False
