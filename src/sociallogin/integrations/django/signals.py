"""What an app may hear of; for what it may decide, see the setting `SOCIALLOGIN_ON_LOGIN`."""

from django.dispatch import Signal

#: Somebody has logged in with a provider, and `SOCIALLOGIN_ON_LOGIN` agreed. Receivers get
#: `request` and `signin`; one that raises stops the login, `LoginRefused` with its sentence.
logged_in = Signal()

#: Somebody who had logged in with a provider has logged out, or goes on as a guest. Receivers get
#: `request` and `identity`.
logged_out = Signal()
