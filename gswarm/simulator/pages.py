"""The few pages a person sees: consent, verification, an OAuth error."""

CONSENT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sign in - simulated Google Accounts</title>
<main>
<h1>{{ client_id }} wants access to your account</h1>
<form method="post" action="/o/oauth2/v2/auth/decision">
{% for name, value in asked.items() %}
<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}
<fieldset><legend>Choose an account</legend>
{% for email in emails %}
<label><input type="radio" name="account" value="{{ email }}"
{% if email == chosen %}checked{% endif %}> {{ email }}</label><br>
{% endfor %}
</fieldset>
<fieldset><legend>It will be able to use</legend>
{% for scope in scopes %}
<label><input type="checkbox" name="granted" value="{{ scope }}" checked>
{{ scope }}</label><br>
{% endfor %}
</fieldset>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>
</main>
</html>
"""

REFUSED = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Error 400: {{ code }}</title>
<main>
<h1>Access blocked: authorization error</h1>
<p>{{ message }}</p>
<p>Error 400: {{ code }}</p>
</main>
</html>
"""

VERIFY = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Verify your account - simulated Google Accounts</title>
<main>
<h1>Verify it is you</h1>
<form method="post">
<input type="hidden" name="account" value="{{ account }}">
<button>Verify {{ account }}</button>
</form>
</main>
</html>
"""
