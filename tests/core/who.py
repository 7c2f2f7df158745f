"""Who is talked to, in which protocol; and what they say that must never be quoted."""

SENTINEL = "S3NTINEL"

WORDPRESS, TWITTER, OAUTH1, FACEBOOK = (
    ("wordpress", "oauth2"), ("twitter", "oauth2"), ("twitter", "oauth1"), ("facebook", "oauth2"),
)  # fmt: skip
OAUTH2 = (WORDPRESS, TWITTER, FACEBOOK)
ALL = (*OAUTH2, OAUTH1)
