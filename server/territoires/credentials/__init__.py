"""Who may write which graphs: named tokens that expire, kept hashed in one file outside of the graph folder."""

from territoires.credentials.hashing import Hashed
from territoires.credentials.keeping import Token, allows, create, not_for, read, revoke, tokens_file
from territoires.credentials.verifying import Verifier

__all__ = ["Hashed", "Token", "Verifier", "allows", "create", "not_for", "read", "revoke", "tokens_file"]
