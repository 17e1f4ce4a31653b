"""An OAuth 2.0 authorization server with a resource that its tokens open, for tests: authorization_server.py CLIENT_ID LIFETIME

The client's secret comes from $CLIENT_SECRET. The port is written to standard output, then what was asked for, a line each.
"""
import os, sys, time
import werkzeug.serving
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenGenerator, BearerTokenValidator
from flask import Flask, jsonify

CLIENT_ID, LIFETIME = sys.argv[1], int(sys.argv[2])
SECRET = os.environ["CLIENT_SECRET"]
tokens = []
app = Flask(__name__)


def say(*words):
    print(*words, flush=True)


class Client(ClientMixin):
    client_id = CLIENT_ID

    def check_client_secret(self, secret):
        return secret == SECRET

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_grant_type(self, grant_type):
        return grant_type in ("client_credentials", "refresh_token")

    def get_allowed_scope(self, scope):
        return scope if scope in ("", "jobs") else ""


class Token:
    def __init__(self, answer):
        self.access, self.refresh = answer["access_token"], answer.get("refresh_token")
        self.scope, self.ends, self.revoked = answer.get("scope", ""), time.time() + answer["expires_in"], False

    def get_scope(self):
        return self.scope

    def is_expired(self):
        return time.time() >= self.ends

    def is_revoked(self):
        return self.revoked

    def check_client(self, client):
        return True


class ClientCredentials(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

    def create_token_response(self):
        # RFC 6749, 4.4.3 advises against a refresh token here; ours is to show that one is used.
        token = self.generate_token(scope=self.request.payload.scope, include_refresh_token=True)
        self.save_token(token)
        return 200, token, self.TOKEN_RESPONSE_HEADER


class Refresh(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        return next((token for token in tokens if token.refresh == refresh_token and not token.revoked), None)

    def authenticate_user(self, token):
        return CLIENT_ID

    def revoke_old_credential(self, token):
        token.revoked = True


class Validator(BearerTokenValidator):
    def authenticate_token(self, text):
        return next((token for token in tokens if token.access == text), None)


def save(token, request):
    tokens.append(Token(token))
    say("granted", request.payload.grant_type, request.payload.scope or "-")


def generate(*_, **__):
    return os.urandom(24).hex()


server = AuthorizationServer(app, query_client=lambda name: Client() if name == CLIENT_ID else None, save_token=save)
server.register_grant(ClientCredentials)
server.register_grant(Refresh)
server.register_token_generator("default", BearerTokenGenerator(generate, generate, lambda *_: LIFETIME))
protect = ResourceProtector()
protect.register_token_validator(Validator())


@app.post("/token")
def token():
    response = server.create_token_response()
    if response.status_code != 200:
        say("refused", response.status_code)
    return response


@app.get("/jobs")
@protect("jobs")
def jobs():
    say("served")
    return jsonify(jobs=["nightly"])


listener = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True)
say("port", listener.port)
listener.serve_forever()
