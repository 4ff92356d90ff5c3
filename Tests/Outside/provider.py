"""A real OpenID Connect provider beside the program: Canaille (PyPI), on a free port, with one
person in it and one client."""

import threading

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from werkzeug.serving import WSGIRequestHandler, make_server

CLIENT, SECRET = "aikatori", "a secret: with % and +"
PERSON, PASSWORD = "person", "a password that nobody knows"
EMAIL, GROUP = "person@health.example", "booking-desk"


class Quiet(WSGIRequestHandler):
    def log(self, *arguments):
        """Says nothing."""


class Provider:
    """Serves until it is closed; people come back to `return_address`."""

    def __init__(self, return_address):
        self.app = create_app(config={"SECRET_KEY": "of this test"})
        # It has no setting for it, and vouches for the addresses that it has.
        self.app.config["CANAILLE_OIDC"]["USERINFO_MAPPING"]["EMAIL_VERIFIED"] = "true"
        with self.app.app_context(), Backend.instance.session():
            person = models.User(
                user_name=PERSON, password=PASSWORD, formatted_name="A. Person",
                family_name="Person", emails=[EMAIL])
            Backend.instance.save(person)
            Backend.instance.save(models.Group(display_name=GROUP, members=[person]))
            client = models.Client(
                client_id=CLIENT, client_secret=SECRET, client_name="Aikatori",
                client_uri="http://127.0.0.1", redirect_uris=[return_address],
                grant_types=["authorization_code"], response_types=["code"],
                scope=["openid", "email", "profile", "groups"],
                token_endpoint_auth_method="client_secret_basic")
            Backend.instance.save(client)
            # as its own pages do: only what is there can be an audience
            client.audience = [client]
            Backend.instance.save(client)
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True, request_handler=Quiet)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.server.port}/"

    def close(self):
        self.server.shutdown()
        self.thread.join()
