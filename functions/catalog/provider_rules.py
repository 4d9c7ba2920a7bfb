"""What the claims of a provider mean here: a name, groups, administration, and who may come in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lectern.catalog.records_accounts import ProviderIdentity
from lectern.errors import Forbidden

_TEXT_MAX = 254


@dataclass(frozen=True, slots=True)
class ProviderRules:
    """The settings about whoever comes from the provider; see `Settings.oidc_…`."""

    label: str
    groups_claim: str
    admin_group: str
    allowed_domains: frozenset[str]
    link_verified_email: bool

    def identity(self, issuer: str, claims: Mapping[str, Any]) -> ProviderIdentity:
        """Return who the validated claims are about.

        A claim that is missing means: in no group, hence no administrator. What was granted is
        taken away at the first sign-in after the provider has taken it away.

        Raises:
            Forbidden: Their e-mail is not verified or not of an allowed domain.
        """
        email = _text(claims, "email")
        email = email if email.count("@") == 1 else ""
        verified = bool(email) and claims.get("email_verified") in (True, "true")
        domain = email.rpartition("@")[2].lower()
        if self.allowed_domains and not (verified and domain in self.allowed_domains):
            raise Forbidden(
                "this Lectern is for others: your e-mail is not of a domain that may sign in",
                code="oidc_domain",
            )
        groups = _groups(claims.get(self.groups_claim))
        return ProviderIdentity(
            issuer=issuer,
            subject=str(claims["sub"]),
            name=_text(claims, "preferred_username")
            or email.partition("@")[0]
            or _text(claims, "name")
            or "user",
            display_name=_text(claims, "name"),
            email=email,
            email_verified=verified,
            is_admin=self.admin_group in groups if self.admin_group else None,
            groups=groups,
        )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip()[:_TEXT_MAX] if isinstance(value, str) else ""


def _groups(claim: Any) -> frozenset[str]:
    if isinstance(claim, str):
        return frozenset({claim})
    if isinstance(claim, list):
        return frozenset(group for group in claim if isinstance(group, str))
    return frozenset()
