"""Links that stop one kind of mail for one person, without signing in: signed, never stored, good for as long as mail
is kept. Whoever has one can do no more than that with it.
"""

from itsdangerous import BadSignature, URLSafeSerializer

SALT = "unsubscribe"


def make_token(secret_key: str, person_id: int, topic: str) -> str:
    """Return the token by which `person_id` stops mail on `topic`."""
    return str(URLSafeSerializer(secret_key, SALT).dumps([person_id, topic]))


def read_token(secret_key: str, token: str) -> tuple[int, str] | None:
    """Return whose mail on what a token stops; None for one that we did not make."""
    try:
        person_id, topic = URLSafeSerializer(secret_key, SALT).loads(token)
    except BadSignature:
        return None
    return person_id, topic
