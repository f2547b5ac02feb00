"""401 and 403: who asks may not have it."""

from __future__ import annotations

from .pieces import (
    CLOUDCODE,
    COMPANION,
    GENERATIVE,
    Facts,
    Maker,
    Raw,
    error,
    help_links,
    info,
    legacy,
    localized,
)


def _iam(facts: Facts) -> Raw:
    permission = f"{COMPANION.split('.', 1)[0]}.companions.generateChat"
    resource = f"projects/{facts.project}/locations/global"
    message = (
        f"Permission '{permission}' denied on resource '//{COMPANION}/{resource}' "
        "(or it may not exist)."
    )
    metadata = {"resource": resource, "permission": permission}
    detail = info("IAM_PERMISSION_DENIED", COMPANION, metadata)
    body = error(403, message, detail)
    body["error"]["errors"] = legacy(message, 403)
    return 403, body, {}


def _api_disabled(facts: Facts) -> Raw:
    return _disabled(facts.project, COMPANION, "Gemini for Google Cloud API")


def _private_api(facts: Facts) -> Raw:
    return _disabled(facts.project, CLOUDCODE, "Cloud Code Private API")


def _gemini_api_disabled(facts: Facts) -> Raw:
    return _disabled(facts.project, GENERATIVE, "Generative Language API")


def _disabled(project: str, service: str, title: str) -> Raw:
    url = (
        "https://console.developers.google.com/apis/api/"
        f"{service}/overview?project={project}"
    )
    message = (
        f"{title} has not been used in project {project} before or it is disabled. "
        f"Enable it by visiting {url} then retry. If you enabled this API recently, "
        "wait a few minutes for the action to propagate to our systems and retry."
    )
    metadata = {
        "serviceTitle": title,
        "consumer": f"projects/{project}",
        "containerInfo": project,
        "service": service,
        "activationUrl": url,
    }
    details = [
        info("SERVICE_DISABLED", "googleapis.com", metadata),
        localized(message),
        help_links(("Google developers console API activation", url)),
    ]
    legacy = {
        "message": message,
        "domain": "usageLimits",
        "reason": "accessNotConfigured",
        "extendedHelp": "https://console.developers.google.com",
    }
    body = error(403, message, *details)
    body["error"]["errors"] = [legacy]
    return 403, body, {}


def _validation(facts: Facts) -> Raw:
    message = "Verify your account to continue."
    learn_more = "https://support.google.com/accounts?p=al_alert"
    metadata = {
        "validation_error_message": message,
        "validation_url_link_text": "Verify your account",
        "validation_url": facts.url,
        "validation_learn_more_link_text": "Learn more",
        "validation_learn_more_url": learn_more,
    }
    links = help_links(("Verify your account", facts.url), ("Learn more", learn_more))
    cause = info("VALIDATION_REQUIRED", CLOUDCODE, metadata)
    return 403, error(403, message, cause, links), {}


def _suspended(facts: Facts) -> Raw:
    message = (
        f"{_SUSPENDED_TEXT} Please submit an appeal to continue using this product."
    )
    metadata = {
        "appeal_url_link_text": "Submit Appeal",
        "appeal_url": "https://forms.gle/simulated-appeal",
        "uiMessage": "true",
    }
    return 403, error(403, message, info("TOS_VIOLATION", CLOUDCODE, metadata)), {}


def _suspended_old(facts: Facts) -> Raw:
    message = (
        f"{_SUSPENDED_TEXT} If you believe this is an error, contact "
        "gemini-code-assist-user-feedback@google.com."
    )
    body = error(403, message)
    body["error"]["errors"] = legacy(message, 403)
    return 403, body, {}


_SUSPENDED_TEXT = (
    "This service has been disabled in this account for violation of Terms of Service."
)


def _unlicensed(facts: Facts) -> Raw:
    message = (
        "You do not have a valid license of this product. Please contact your "
        "administrator to request a license. If you are not an enterprise user and "
        "believe you are receiving this message as an error, please try using the "
        "latest version and logging in again. (#3501)"
    )
    return 403, error(403, message, info("SUBSCRIPTION_REQUIRED", CLOUDCODE)), {}


def _vpc(facts: Facts) -> Raw:
    message = "Request is prohibited by organization's policy."
    metadata = {"uid": "simulated", "service": CLOUDCODE}
    cause = info("SECURITY_POLICY_VIOLATED", "googleapis.com", metadata)
    return 403, error(403, message, cause), {}


def _denied_project(facts: Facts) -> Raw:
    message = "Your project has been denied access. Please contact support."
    return 403, error(403, message), {}


def _file(facts: Facts) -> Raw:
    message = (
        f"You do not have permission to access the File {facts.file} or it may not "
        "exist."
    )
    return 403, error(403, message), {}


def _cache(facts: Facts) -> Raw:
    return 403, error(403, "CachedContent not found (or permission denied)"), {}


def _bucket(facts: Facts) -> Raw:
    message = (
        f"{facts.account} does not have storage.objects.get access to the Google Cloud "
        f"Storage object {facts.file}. Permission 'storage.objects.get' denied on "
        "resource (or it may not exist)."
    )
    metadata = {"permission": "storage.objects.get", "resource": facts.file}
    cause = info("IAM_PERMISSION_DENIED", "storage.googleapis.com", metadata)
    return 403, error(403, message, cause), {}


def _terms(facts: Facts) -> Raw:
    return 403, error(403, "Callers must accept Terms of Service"), {}


def _expired(facts: Facts) -> Raw:
    return _unauthenticated("ACCESS_TOKEN_EXPIRED")


def _credentials_missing(facts: Facts) -> Raw:
    return _unauthenticated("CREDENTIALS_MISSING")


def _token_type(facts: Facts) -> Raw:
    return _unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED")


def _unauthenticated(reason: str) -> Raw:
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access "
        "token, login cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    method = "google.internal.cloud.code.v1internal.CloudCode.GenerateContent"
    metadata = {"service": CLOUDCODE, "method": method}
    challenge = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    body = error(401, message, info(reason, "googleapis.com", metadata))
    return 401, body, {"WWW-Authenticate": challenge}


NAMED: dict[str, Maker] = {
    "iam": _iam,
    "api_disabled": _api_disabled,
    "private_api": _private_api,
    "gemini_api_disabled": _gemini_api_disabled,
    "validation": _validation,
    "suspended": _suspended,
    "suspended_old": _suspended_old,
    "unlicensed": _unlicensed,
    "vpc": _vpc,
    "denied_project": _denied_project,
    "file_forbidden": _file,
    "cache_forbidden": _cache,
    "bucket_forbidden": _bucket,
    "terms": _terms,
    "expired": _expired,
    "credentials_missing": _credentials_missing,
    "token_type": _token_type,
}
