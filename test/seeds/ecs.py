"""The vendor's Python SDK, pointed at a simulated cloud.

A request of the SDK goes in, the decoded response comes out; an error is
raised as Refused. The SDK is unmodified, including its retries.
"""

import json

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient


class Refused(Exception):
    """An error of the cloud: status, code and message."""

    def __init__(self, refusal: ServerException):
        self.status = refusal.get_http_status()
        self.code = refusal.get_error_code()
        super().__init__(f'{self.status} {self.code}: {refusal.get_error_msg()}')


class Ecs:
    """A client of one region."""

    def __init__(self, host: str, port: int, region: str, key: str = 'testid', secret: str = 'testsecret'):
        # The SDK takes the port for the whole client, and the host from its
        # table of endpoints, by product and region.
        self.client = AcsClient(key, secret, region, port=port)
        self.client.add_endpoint(region, 'Ecs', host)

    def call(self, request, **params) -> dict:
        """Sets each parameter by the request's setter, sends the request and decodes the response."""
        for name, value in params.items():
            getattr(request, f'set_{name}')(value)
        request.set_accept_format('json')
        try:
            return json.loads(self.client.do_action_with_exception(request))
        except ServerException as refusal:
            raise Refused(refusal) from refusal
